"""Options for all tests."""

import hypothesis
import pytest

hypothesis.settings.register_profile("any-machine", deadline=None)
hypothesis.settings.load_profile("any-machine")
# how long one example takes says more of the machine than of the code; tests have their own limit
hypothesis.settings.register_profile("deep", deadline=None, max_examples=10_000)
# pytest --hypothesis-profile=deep --timeout=0, for who has changed the compiler


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be rewritten; git diff reviews them."""
    parser.addoption("--update-data", action="store_true", help="rewrite golden files")
