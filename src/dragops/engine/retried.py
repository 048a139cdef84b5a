"""An event in JSON, made what its trigger gives: of a run that is tried again, or begun by hand.

Moments and bytes are texts in JSON, in the store and in what a caller gives. Pure.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from dragops.engine.request import is_binary_type
from dragops.errors import RunFailure
from dragops.model.program import Trigger
from dragops.nodes.convert import to_datetime
from dragops.nodes.header_texts import header_of
from dragops.nodes.interface import interface_of


def event_again(trigger: Trigger, stored: Any) -> dict[str, Any]:
    """Give the event for the trigger; what does not look as expected stays as it is."""
    if not isinstance(stored, dict):
        return {}
    if trigger.type == "OnPatternCall":
        return _call(trigger, stored)
    restore = _RESTORED.get(trigger.type)
    return restore(stored) if restore else stored


def _webhook(stored: dict[str, Any]) -> dict[str, Any]:
    headers, body = stored.get("headers"), stored.get("body")
    content_type = header_of(headers, "content-type") if isinstance(headers, Mapping) else None
    if not isinstance(body, str) or not is_binary_type(str(content_type or "")):
        return stored
    try:
        return {**stored, "body": base64.b64decode(body, validate=True)}
    except binascii.Error:
        return stored


def _call(trigger: Trigger, stored: dict[str, Any]) -> dict[str, Any]:
    try:
        return interface_of(trigger.settings).event_in_json(stored)
    except RunFailure:
        return stored


def _with_moments(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, **{name: _moment(stored[name]) for name in _MOMENTS if name in stored}}


def _email(stored: dict[str, Any]) -> dict[str, Any]:
    attachments = stored.get("attachments")
    if not isinstance(attachments, list):
        return stored
    return {**stored, "attachments": [_attachment(each) for each in attachments]}


def _attachment(stored: Any) -> Any:
    content = stored.get("content") if isinstance(stored, dict) else None
    if not isinstance(content, str):
        return stored
    try:
        return {**stored, "content": base64.b64decode(content, validate=True)}
    except binascii.Error:
        return stored


def _moment(value: Any) -> Any:
    try:
        return to_datetime(value, "") if isinstance(value, str) else value
    except RunFailure:
        return value


_MOMENTS = ("timestamp", "scheduledAt")
_RESTORED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "OnWebhook": _webhook,
    "OnSchedule": _with_moments,
    "OnEvent": _with_moments,
    "OnEmail": _email,
}
