"""Asks the API server who a token belongs to and what its owner may do; RBAC stays the one truth.

A yes is kept for 10 s, a no for 5 s: long enough for a burst, short enough that a right that was
taken away is gone.
"""

import hashlib
import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from dragops.cluster.client import SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS, Cluster, Kind
from dragops.cluster.tokens import Caller

YES_SECONDS, NO_SECONDS = 10.0, 5.0
GROUP = "dragops.dev"
_KEPT_MAX = 10_000
_ACCOUNT_PREFIX = "system:serviceaccount:"

T = TypeVar("T")


class Access:
    """Answers both questions, from memory where the last answer is fresh."""

    def __init__(self, cluster: Cluster, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._callers: _Kept[Caller | None] = _Kept(clock)
        self._verdicts: _Kept[bool] = _Kept(clock)

    async def review(self, token: str, audience: str) -> Caller | None:
        """Give the owner of a token that is good for ``audience``; None for any other token."""
        key = (hashlib.sha256(token.encode()).digest(), audience)
        fresh, caller = self._callers.find(key)
        if not fresh:
            caller = await self._review(token, audience)
            self._callers.keep(key, caller, YES_SECONDS if caller else NO_SECONDS)
        return caller

    async def may(
        self,
        caller: Caller,
        *,
        verb: str,
        resource: str,
        subresource: str = "",
        namespace: str,
        name: str = "",
    ) -> bool:
        """Say whether RBAC lets the caller do this to a resource of ours."""
        attributes = {
            "group": GROUP,
            "verb": verb,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
            "name": name,
        }
        key = (caller, *attributes.values())
        fresh, allowed = self._verdicts.find(key)
        if fresh and allowed is not None:
            return allowed
        answer = await self._ask(caller, attributes)
        self._verdicts.keep(key, answer, YES_SECONDS if answer else NO_SECONDS)
        return answer

    async def _review(self, token: str, audience: str) -> Caller | None:
        spec = {"token": token, "audiences": [audience]}
        answer = await self._cluster.create(TOKEN_REVIEWS, None, _review_of(TOKEN_REVIEWS, spec))
        status = answer.get("status", {})
        # an authenticator that knows no audiences answers without them: not good enough
        if not status.get("authenticated") or audience not in status.get("audiences", ()):
            return None
        return _caller(status["user"])

    async def _ask(self, caller: Caller, attributes: dict[str, str]) -> bool:
        spec = _subject(caller) | {
            "resourceAttributes": {key: value for key, value in attributes.items() if value}
        }
        body = _review_of(SUBJECT_ACCESS_REVIEWS, spec)
        answer = await self._cluster.create(SUBJECT_ACCESS_REVIEWS, None, body)
        return bool(answer.get("status", {}).get("allowed"))


class _Kept(Generic[T]):
    """Answers with an end; emptied when full, as every entry is cheap to get again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: dict[Hashable, tuple[float, T]] = {}

    def find(self, key: Hashable) -> tuple[bool, T | None]:
        """Say whether there is a fresh answer, and give it."""
        until, answer = self._entries.get(key, (0.0, None))
        return (True, answer) if self._clock() < until else (False, None)

    def keep(self, key: Hashable, answer: T, seconds: float) -> None:
        """Remember an answer for so long."""
        if len(self._entries) >= _KEPT_MAX:
            self._entries.clear()
        self._entries[key] = (self._clock() + seconds, answer)


def _review_of(kind: Kind, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": kind.api_version, "kind": kind.kind, "spec": spec}


def _subject(caller: Caller) -> dict[str, Any]:
    extra = {"extra": {key: list(told) for key, told in caller.extra}} if caller.extra else {}
    groups = list(caller.groups)
    return {"user": caller.username, "uid": caller.uid, "groups": groups} | extra


def _caller(user: dict[str, Any]) -> Caller:
    username = str(user["username"])
    account = username.removeprefix(_ACCOUNT_PREFIX)
    namespace = account.split(":")[0] if account != username else ""
    extra = tuple((key, tuple(told)) for key, told in sorted((user.get("extra") or {}).items()))
    groups = tuple(user.get("groups") or ())
    return Caller(username, str(user.get("uid", "")), groups, namespace, extra)
