"""The guard that everything in an image fits Debian 12's Python: 3.11, with glibc 2.36."""

import re
from pathlib import Path

from dragops_localcluster.trouble import Trouble

GLIBC = (2, 36)
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def refuse_foreign_wheels(folder: Path) -> None:
    """Raise if any package below a ``pip install --target`` was made for another platform."""
    for described in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = re.findall(r"^Tag: (\S+)", described.read_text(), re.MULTILINE)
        if not any(fits(tag) for tag in tags):
            package = described.parent.name.removesuffix(".dist-info")
            raise Trouble(f"{package} does not fit the images' Python 3.11: {', '.join(tags)}")


def fits(tag: str) -> bool:
    """Say whether a wheel's tag (``cp311-abi3-manylinux_2_28_x86_64``) fits the images."""
    python, abi, platform = tag.split("-")
    return _python_fits(python, abi) and any(_platform_fits(one) for one in platform.split("."))


def _python_fits(python: str, abi: str) -> bool:
    if abi == "none":
        return any(one in ("py3", "py311", "cp311") for one in python.split("."))
    if abi == "abi3":
        return bool(re.fullmatch(r"cp3([2-9]|10|11)", python))
    return abi == "cp311"


def _platform_fits(platform: str) -> bool:
    if platform == "any":
        return True
    name, _, machine = platform.partition("_x86_64")
    if machine or not platform.endswith("_x86_64"):
        return False
    exact = re.fullmatch(r"manylinux_(\d+)_(\d+)", name)
    version = (int(exact[1]), int(exact[2])) if exact else LEGACY.get(name, (99, 0))
    return version <= GLIBC
