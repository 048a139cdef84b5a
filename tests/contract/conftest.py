"""What the contract tests need is there before the first of them begins."""

import pytest

from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.progress import Progress


@pytest.fixture(scope="session", autouse=True)
def _helm() -> None:
    """Built here, on a fresh machine for minutes: a fixture's time is no test's time."""
    ensure_binary(HELM, Progress())
