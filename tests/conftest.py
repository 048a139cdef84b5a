"""Options for all tests, and which of them go together."""

import os

import hypothesis
import pytest
from typing_extensions import override
from xdist.scheduler import LoadScopeScheduling

hypothesis.settings.register_profile("any-machine", deadline=None)
hypothesis.settings.load_profile("any-machine")
# how long one example takes says more of the machine than of the code; tests have their own limit
hypothesis.settings.register_profile("deep", deadline=None, max_examples=10_000)
# pytest --hypothesis-profile=deep --timeout=0, for who has changed the compiler


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be rewritten; git diff reviews them."""
    parser.addoption("--update-data", action="store_true", help="rewrite golden files")


class ByCluster(LoadScopeScheduling):
    """What shares a cluster stays in one process, which starts it once; files go anywhere."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        folder = path.rsplit("/", 1)[0]
        return folder if folder in {"tests/integration", "tests/e2e"} else path


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Take one process more than there are cores: one mostly waits for a cluster's clock."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Hand out tests to the processes of ``pytest -n``."""
    return ByCluster(config, log)
