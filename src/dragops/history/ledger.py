"""One transaction of the run store, worked out before it touches the database.

Batches go in, rows and counter moves come out; what must be known of older runs is passed in.
Next: ``dragops.history.store`` carries it out.
"""

from collections import defaultdict
from collections.abc import Container, Mapping
from typing import NamedTuple

from dragops.history.batch import DAY_MS, STOPPED, Accept, Accepted, Finish, Start
from dragops.history.durations import NO_DURATION, rounded
from dragops.model.ids import RunId, made_at
from dragops.model.run import FAILURES, RunStatus, TriggeredBy

_ACCEPTED, _RUNNING = str(RunStatus.ACCEPTED), str(RunStatus.RUNNING)
_CANCELLED, _SCHEDULE = str(RunStatus.CANCELLED), str(TriggeredBy.SCHEDULE)
_FAILURES = frozenset(map(str, FAILURES))

KeyOf = tuple[str, str, str]
"""Deployment uid, node, key."""


class OpenRun(NamedTuple):
    """What the books need of a run that has not ended."""

    workspace: str
    deployment_uid: str
    deployment: str
    triggered_by: str
    status: str
    started_at: int | None


EndsOf = tuple[str, int, str, str, int]
"""Ends that are counted together: deployment uid, minute in which the run was made, what started
it, how it ended, its duration as ``rounded`` gives it (``NO_DURATION`` if it never began)."""


def minute_of(run_id: str) -> int:
    """Give the minute in which a run was made, from its id, so that its failure counts there."""
    return made_at(run_id) // 60_000


def gives_back_key(end: Finish) -> bool:
    """Say whether the sender's next try with the same key must run: this one did not."""
    return end.status == _CANCELLED and (end.error or "").startswith(STOPPED)


class Ledger:
    """Rows to write, and what the books look like once they are written."""

    def __init__(
        self,
        open_runs: Mapping[str, OpenRun],
        keys: Mapping[KeyOf, str],
        stored: Container[str] = (),
    ) -> None:
        self._before, self._keys, self._stored = open_runs, dict(keys), stored
        self.opened: dict[str, OpenRun] = {}
        self.ended: set[str] = set()
        self.runs: list[tuple[object, ...]] = []
        self.events: list[tuple[str, str]] = []
        self.new_keys: list[tuple[object, ...]] = []
        self.starts: list[tuple[int, str]] = []
        self.attempts: list[tuple[object, ...]] = []
        self.ends: list[tuple[object, ...]] = []
        self.outputs: list[tuple[object, ...]] = []
        self.counts: dict[tuple[str, str, str], int] = defaultdict(int)
        self.minutes: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0])
        self.finished: dict[EndsOf, list[int]] = defaultdict(lambda: [0, 0])
        """How many ended so, and the sum of their milliseconds."""

    def accept(self, workspace: str, run: Accept) -> Accepted:
        """Enter a new run, unless it is stored already or its key names an older one."""
        if run.run_id in self._stored:
            return Accepted(RunId(run.run_id), False)
        if run.key is not None and not self._claim(run, run.key):
            return Accepted(RunId(self._keys[run.deployment_uid, run.node_id, run.key]), True)
        status = _RUNNING if run.running else _ACCEPTED
        started = run.at if run.running else None
        links = (run.retry_of, run.parent)
        self.runs.append(
            (run.run_id, workspace, *run[1:5], status, run.version, run.at, started, *links)
        )
        self.events.append((run.run_id, run.event))
        self.opened[run.run_id] = OpenRun(
            workspace, run.deployment_uid, run.deployment, run.triggered_by, status, started
        )
        self.counts[run.deployment_uid, run.triggered_by, status] += 1
        self.minutes[workspace, minute_of(run.run_id), run.deployment_uid][0] += 1
        return Accepted(RunId(run.run_id), False)

    def start(self, workspace: str, start: Start) -> None:
        """Note that a run which waited has begun, or is tried again.

        That may be told after its end, as batches pass each other.
        """
        if start.attempt > 1:
            self.attempts.append((start.attempt, start.run_id, workspace, start.attempt))
        run = self._find(workspace, start.run_id)
        if run and run.status == _ACCEPTED:
            self._move(start.run_id, run._replace(started_at=start.at), _RUNNING)
            self.starts.append((start.at, start.run_id))

    def finish(self, workspace: str, end: Finish) -> None:
        """End a run; a second end, and one of a stranger's run, changes nothing."""
        run = self._find(workspace, end.run_id)
        if run is None:
            return
        self._move(end.run_id, run, end.status)
        if gives_back_key(end) and run.triggered_by != _SCHEDULE:
            self._keys = {k: owner for k, owner in self._keys.items() if owner != end.run_id}
        self.ended.add(end.run_id)
        self.ends.append((end.status, end.at, end.error, end.run_id))
        if end.status in _FAILURES:
            self.minutes[workspace, minute_of(end.run_id), run.deployment_uid][1] += 1
        self._count_end(end, run)
        if end.log is not None or end.answer is not None or end.timeline is not None:
            self.outputs.append((end.run_id, end.log, end.log_dropped, end.answer, end.timeline))

    def _count_end(self, end: Finish, run: OpenRun) -> None:
        took, length = 0, NO_DURATION
        if run.started_at is not None:
            # clocks may have been set back between the two
            took = end.at - run.started_at if end.at > run.started_at else 0
            length = rounded(took)
        minute = minute_of(end.run_id)
        counted = self.finished[run.deployment_uid, minute, run.triggered_by, end.status, length]
        counted[0] += 1
        counted[1] += took

    def _claim(self, run: Accept, key: str) -> bool:
        place = (run.deployment_uid, run.node_id, key)
        owner = self._keys.setdefault(place, run.run_id)
        if owner == run.run_id:
            self.new_keys.append((*place, owner, None if run.key_for_ever else run.at + DAY_MS))
        return owner == run.run_id

    def _find(self, workspace: str, run_id: str) -> OpenRun | None:
        run = self.opened.get(run_id) or self._before.get(run_id)
        return run if run and run.workspace == workspace and run_id not in self.ended else None

    def _move(self, run_id: str, run: OpenRun, status: str) -> None:
        self.counts[run.deployment_uid, run.triggered_by, run.status] -= 1
        self.counts[run.deployment_uid, run.triggered_by, status] += 1
        self.opened[run_id] = run._replace(status=status)
