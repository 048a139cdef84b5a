"""How every process of ours writes its own log: one line of JSON a fact, on standard error."""

import logging
import sys

import structlog


def log_lines() -> None:
    """Set the log up; structlog's own tracebacks may show local variables, and secrets in them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
