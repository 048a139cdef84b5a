"""Options for all tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be rewritten; git diff reviews them."""
    parser.addoption("--update-data", action="store_true", help="rewrite golden files")
