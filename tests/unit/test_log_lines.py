"""What each process writes of itself: one line of JSON a fact, and no secret with it."""

import importlib
import json
from collections.abc import Callable, Iterator

import pytest
import structlog

PROCESSES = [
    "dragops.engine.__main__",
    "dragops.engine.tick",
    "dragops_api.__main__",
    "dragops_api.recorder.__main__",
    "dragops_operator.__main__",
]


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # a value that no setting can have ends each process before it begins
    for name in ("DRAGOPS_PORT", "DRAGOPS_PUBLIC_PORT", "DRAGOPS_WORKSPACES"):
        monkeypatch.setenv(name, "")
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("module", PROCESSES)
def test_a_process_logs_lines_of_json_without_what_its_variables_held(
    module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """structlog's own tracebacks show local variables, and a batch or a token may be one."""
    main: Callable[[], object] = importlib.import_module(module).main
    try:
        refused = main()
    except SystemExit as exc:
        refused = exc.code
    capsys.readouterr()

    _fail("s3cret" + "-value")

    written = capsys.readouterr()
    (line,) = (written.out + written.err).splitlines()
    told = json.loads(line)
    assert refused == 2
    assert (told["event"], told["level"]) == ("it failed", "error")
    assert "ZeroDivisionError" in told["exception"]
    assert "s3cret-value" not in line


def _fail(token: str) -> None:
    try:
        len(token) / 0  # the failure is what is wanted
    except ZeroDivisionError:
        structlog.get_logger().exception("it failed")
