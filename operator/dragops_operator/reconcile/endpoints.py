"""What each webhook endpoint is to have: ids that stay, and a secret that a new number renews.

A Secret that somebody deletes or edits is made whole again: ids as they were given out, a secret
that is gone made anew, one that was set by hand taken over. Chance and time are passed in.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dragops.model.bundle import Live
from dragops.model.deployment import PatternDeployment, WebhookSettings
from dragops.model.endpoints import EndpointKeys
from dragops.model.ids import ENDPOINT_ID_PATTERN, WEBHOOK_ID_PATTERN
from dragops_operator.reconcile.observed import Observed


def settings_of(observed: Observed, node: str) -> WebhookSettings:
    """Give what the spec says of a node's endpoint."""
    told = (hook for hook in observed.deployment.spec.webhooks if hook.node_id == node)
    return next(told, WebhookSettings(node_id=node))


def given_out(deployment: PatternDeployment, live: Live | None) -> dict[str, EndpointKeys]:
    """Give the ids that somebody may know, by node id: those signed before those in status."""
    told = {
        w.node_id: EndpointKeys(w.webhook_id, w.endpoint_id) for w in deployment.status.webhooks
    }
    signed = live.endpoints if live else ()
    return told | {e.node_id: EndpointKeys(e.webhook_id, e.endpoint_id) for e in signed}


def keys_after(observed: Observed, nodes: Iterable[str]) -> dict[str, EndpointKeys]:
    """Give the keys of these nodes as they should be stored; those of removed nodes stay.

    Where the Secret was not looked at, only the ids are right.
    """
    removed = {
        node: _without_expired(keys, settings_of(observed, node), observed.now)
        for node, keys in observed.endpoints.items()
        if _is_whole(keys)
    }
    return removed | {node: _keys(observed, node) for node in nodes}


def _is_whole(keys: EndpointKeys) -> bool:
    return bool(keys.secret) and _has_ids(keys)


def _has_ids(keys: EndpointKeys) -> bool:
    is_address = re.fullmatch(WEBHOOK_ID_PATTERN, keys.webhook_id)
    return bool(is_address and re.fullmatch(ENDPOINT_ID_PATTERN, keys.endpoint_id))


def _keys(observed: Observed, node: str) -> EndpointKeys:
    keys = _with_ids(observed, node)
    if not observed.is_secret_seen:
        return keys
    setting, fresh = settings_of(observed, node), observed.minted[node].secret
    wish = setting.secret_rotation
    made_for = wish or 0 if keys.number is None else keys.number
    number = made_for if wish is None else wish
    if not keys.secret:
        return replace(keys, secret=fresh, rotation=str(number), previous="", rotated_at="")
    after = replace(keys, rotation=str(number))
    if number != made_for:
        after = replace(after, secret=fresh, previous=keys.secret, rotated_at=observed.now)
    return _without_expired(after, setting, observed.now)


def _with_ids(observed: Observed, node: str) -> EndpointKeys:
    """Give the stored keys with the ids that were given out, else with fresh ones."""
    stored = observed.endpoints.get(node, EndpointKeys())
    given = given_out(observed.deployment, observed.live).get(node)
    if given is None and _has_ids(stored):
        return stored
    ids = given or observed.minted[node]
    return replace(stored, webhook_id=ids.webhook_id, endpoint_id=ids.endpoint_id)


def _without_expired(keys: EndpointKeys, setting: WebhookSettings, now: str) -> EndpointKeys:
    moment = datetime.fromisoformat(now).timestamp()
    if not keys.previous or keys.previous_until(setting.previous_secret_seconds) <= moment:
        return replace(keys, previous="", rotated_at="")
    # a moment to come was set by hand, or by a clock that went ahead: it must not last for ever
    return replace(keys, rotated_at=now) if keys.previous_until(0) > moment else keys
