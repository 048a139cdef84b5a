"""Says which dragops this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Give the version of the installed package."""
    try:
        return version("dragops")
    except PackageNotFoundError:
        return "0 (not installed)"
