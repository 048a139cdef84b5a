"""The event of a run that is tried again: as the store has it, made what its trigger gave first.

The store has JSON: moments and bytes are texts there. Pure.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dragops.engine.request import is_binary_type
from dragops.model.program import Trigger


def event_again(trigger: Trigger, stored: Any) -> dict[str, Any]:
    """Give the event for the trigger; what does not look as expected stays as it is."""
    if not isinstance(stored, dict):
        return {}
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
}
