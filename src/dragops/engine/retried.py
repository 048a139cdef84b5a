"""The event of a run that is tried again: as the store has it, made what its trigger gave first.

The store has JSON: moments and bytes are texts there. Pure.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dragops.engine.request import is_binary_type
from dragops.errors import RunFailure
from dragops.model.program import Trigger
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
    content_type = headers.get("content-type", "") if isinstance(headers, Mapping) else ""
    if not isinstance(body, str) or not is_binary_type(content_type):
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


def _event(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "timestamp": _moment(stored.get("timestamp"))}


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


def _schedule(stored: dict[str, Any]) -> dict[str, Any]:
    return {key: _moment(value) for key, value in stored.items()}


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


_RESTORED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "OnWebhook": _webhook,
    "OnSchedule": _schedule,
    "OnEvent": _event,
    "OnEmail": _email,
}
