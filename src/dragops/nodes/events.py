"""Events: the nodes that start a run. The compiler makes a function of each; none has one here."""

import re
from typing import Any

from dragops.nodes.category import Category

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_ALIAS = re.compile(r"[a-z0-9-]{0,63}")

category = Category("Events")


def _response_mode(value: Any) -> Any:
    # the two forms that the product's editor writes
    return {"Last Node": "LastNode", "Response Node": "ResponseNode"}.get(value, value)


def _webhook_alias(value: str) -> str:
    if not _ALIAS.fullmatch(value):
        raise ValueError("use at most 63 lower-case letters, digits and hyphens")
    return value


def _methods(value: list[Any]) -> list[str]:
    wanted = [str(method).upper() for method in value]
    for method in wanted:
        if method not in METHODS:
            raise ValueError(f"{method[:20]!r} is none of {', '.join(METHODS)}")
    return list(dict.fromkeys(wanted)) or list(METHODS)


category.declare(
    "OnStart event () -> (exec, data: Object)",
    "Starts a run by the Run button, `execute` or the command line; data is what the caller gave.",
)
category.declare(
    "OnWebhook event () "
    '[webhookAlias: String = "", responseMode: Enum(Immediate|LastNode|ResponseNode) = "Immediate",'
    " methods: Array = []]"
    " -> (exec, body: Any, headers: Object, query: Object, method: String, url: String)",
    "Starts a run for each HTTP request to its URL.",
    checks={
        "webhookAlias": _webhook_alias,
        "responseMode": _response_mode,
        "methods": _methods,
    },
)
category.declare(
    'OnSchedule event () [schedule: String!, timezone: String = "UTC"]'
    " -> (exec, timestamp: DateTime, scheduledAt: DateTime)",
    "Starts a run for each tick of a cron schedule.",
    aliases={"schedule": "cronExpression"},
)
