"""The judge of next times: robfig/cron v3 itself, which is in the local cluster's program."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Self

from dragops_localcluster.binaries import LOCALCLUSTER, ensure_binary
from dragops_localcluster.progress import Progress


class Verdict(NamedTuple):
    """What the judge says of a rule: its next times, or why it is none."""

    times: tuple[datetime, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Judge:
    """A process that answers a line for each line; one lasts for all questions of a test."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> Self:
        """Start the process."""
        program = ensure_binary(LOCALCLUSTER, Progress())
        pipe = subprocess.PIPE
        return cls(subprocess.Popen([program, "cron"], stdin=pipe, stdout=pipe, text=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, _: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=10)  # the end of the questions ends it

    def ask(self, rule: str, zone: str, after: datetime, count: int) -> Verdict:
        """Ask for a rule's next times."""
        question = {"rule": rule, "zone": zone, "after": after.isoformat(), "count": count}
        asked, answered = self.process.stdin, self.process.stdout
        assert asked
        assert answered
        asked.write(json.dumps(question) + "\n")
        asked.flush()
        return _read(json.loads(answered.readline()))


def _read(answer: dict[str, object]) -> Verdict:
    times = answer["times"]
    assert isinstance(times, Iterable)
    moments = tuple(datetime.fromisoformat(str(each)) for each in times)
    return Verdict(moments, str(answer.get("error", "")))
