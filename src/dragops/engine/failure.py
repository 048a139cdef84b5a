"""What a run's exception says to its author: type, message, node and line.

Never our internals, and no secret.
"""

from traceback import format_exception
from types import TracebackType
from typing import Any

import structlog

from dragops.engine.masking import Mask
from dragops.engine.program import LoadedProgram
from dragops.errors import RunFailure

_LOG = structlog.get_logger()
_MESSAGE_MAX = 4_096


def describe_failure(exc: Exception, program: LoadedProgram, mask: Mask) -> dict[str, Any]:
    """Describe an exception as {type, message, nodeId, line, data}; unknown keys are left out."""
    type_, told, data = _said(exc, mask)
    message, data = mask.text(told), mask.value(data)
    line = _line(exc.__traceback__, program.file_name)
    node = program.manifest.node_at(line) if line else None
    whole = {"type": type_, "message": message[:_MESSAGE_MAX], "nodeId": node, "line": line}
    if data is not None:
        whole["data"] = data
    return {key: value for key, value in whole.items() if value is not None}


def _said(exc: Exception, mask: Mask) -> tuple[str, str, Any]:
    match exc:
        case RunFailure():
            return exc.type, exc.message, exc.data
        case RecursionError():
            return "LimitError", "The data is nested too deeply", None
        case MemoryError():
            return "LimitError", "The run needs more memory than there is", None
        case _:
            trace = mask.text("".join(format_exception(exc)))
            _LOG.error("a node failed in a way that is not its author's doing", trace=trace)
            return "InternalError", "This node failed in an unexpected way", None


def _line(traceback: TracebackType | None, file_name: str) -> int | None:
    """Find the innermost line of the program itself: nodes' own frames lie deeper."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file_name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
