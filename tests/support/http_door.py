"""The HTTP door as a test opens it: to this machine only, with names that the test answers for."""

from typing import Any

import pytest

from dragops.engine.outside.doors import Doors
from dragops.engine.outside.egress import read_policy
from dragops.errors import RunFailure
from dragops.nodes.outside import Request

LOCAL = "127.0.0.0/8"


class Answers:
    """A name service with the next answer at each question, the last one again and again."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


def door(allowed: str = LOCAL, names: Answers | None = None) -> Doors:
    return Doors(read_policy(allowed), names or Answers("127.0.0.1"))


def get(url: str, method: str = "GET", **parts: Any) -> Request:
    fields: dict[str, Any] = {"headers": {}, "body": None, "timeout_seconds": 5}
    return Request(method, url, **(fields | parts))


async def failure_of(url: str, doors_: Doors | None = None, **parts: Any) -> RunFailure:
    with pytest.raises(RunFailure) as caught:
        await (doors_ or door()).send(get(url, **parts))
    return caught.value
