"""Events: the nodes that start a run. The compiler makes a function of each; none has one here."""

import re
from typing import Any

from dragops.nodes.category import Category
from dragops.nodes.convert import quoted
from dragops.nodes.definition import DynamicPins, Settings
from dragops.nodes.fields import read_fields
from dragops.nodes.interface import checked_fields

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_WRITTEN = {"Last Node": "LastNode", "Response Node": "ResponseNode"}
_ALIAS = re.compile(r"[a-z0-9-]{0,63}")
_LOCAL_PART = re.compile(r"[a-z0-9.-]{0,40}")
_SENDER = re.compile(r"[^@\s]*@[^@\s]+")
_TOPICS = re.compile(r"(?=.)[A-Za-z0-9._/-]{0,200}\*?")

category = Category("Events")


def _response_mode(value: Any) -> Any:
    # the two forms that the product's editor writes
    return _WRITTEN.get(value, value) if isinstance(value, str) else value


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


def _parameters(settings: Settings) -> DynamicPins:
    fields = read_fields(settings["inputs"])
    return DynamicPins(outputs=tuple(field.as_output() for field in fields))


def _local_part(value: str) -> str:
    if not _LOCAL_PART.fullmatch(value):
        raise ValueError("use at most 40 lower-case letters, digits, points and hyphens")
    return value


def _senders(value: list[Any]) -> list[str]:
    for sender in value:
        if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
            raise ValueError(f"{quoted(sender)} is neither an address nor @domain")
    return [sender.lower() for sender in value]


def _topics(value: str) -> str:
    if not _TOPICS.fullmatch(value):
        raise ValueError("use letters, digits and . _ / - (at most 200), and * at the end")
    return value


category.declare(
    "OnStart event () -> (exec, data: Object)",
    "Starts a run by the Run button, `execute` or the command line; data is what the caller gave.",
)
category.declare(
    "OnWebhook event () "
    '[webhookAlias: String = "", responseMode: Enum(Immediate|LastNode|ResponseNode) = "Immediate",'
    " methods: Array = []]"
    " -> (exec, body: Any, headers: Object, query: Object, method: String, url: String)",
    "Starts a run for each HTTP request to its URL; responseMode says what its sender is answered.",
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
category.declare(
    "OnError event () -> (exec, error: Object, message: String, type: String, nodeId: String)",
    "Runs once, in the same run, after a failure that nothing has caught; the run still fails.",
)
category.declare(
    "OnPatternCall event () [inputs: Array = [], outputs: Array = []] -> (exec, ...input)",
    "Makes the pattern callable; inputs are its parameters, outputs what Respond With gives back.",
    checks={"inputs": checked_fields("exec"), "outputs": checked_fields("exec")},
    dynamic=_parameters,
)
category.declare(
    'OnEmail event () [alias: String = "", allowedSenders: Array = []]'
    " -> (exec, from: String, to: Array, subject: String, text: String, html: String,"
    " headers: Object, attachments: Array)",
    "Starts a run for each e-mail. None is delivered yet: run it by hand, with one as its event.",
    checks={"alias": _local_part, "allowedSenders": _senders},
)
category.declare(
    'OnEvent event () [source: Enum(Message|Kubernetes) = "Message", topic: String = "*"]'
    " -> (exec, topic: String, payload: Any, timestamp: DateTime)",
    "Starts a run for each event. None is delivered yet: run it by hand, with one as its event.",
    checks={"topic": _topics},
)
