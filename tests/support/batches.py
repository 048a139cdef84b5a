"""Batches as engines send them."""

from typing import Any

from dragops.history.batch import Accept, Batch, Finish
from dragops.model.ids import new_run_id


def accept(run_id: str | None = None, **changes: Any) -> Accept:
    """Give a run that begins at once; ``changes`` are fields of it."""
    run = Accept(
        run_id=run_id or new_run_id(),
        deployment_uid="uid-a",
        deployment="dep-a",
        node_id="hook",
        triggered_by="webhook",
        version=3,
        running=True,
        at=1_000,
        key=None,
        key_for_ever=False,
        event='{"body":{"a":1}}',
    )
    return run._replace(**changes)


def finish(run_id: str, status: str = "completed", **changes: Any) -> Finish:
    """Give the end of a run, a quarter of a second after ``accept``."""
    return Finish(run_id, status, 1_250, None, None, 0, None)._replace(**changes)


def of(*records: Any) -> Batch:
    """Put records into one batch."""
    accepts = [record for record in records if isinstance(record, Accept)]
    finishes = [record for record in records if isinstance(record, Finish)]
    starts = [r for r in records if not isinstance(r, Accept | Finish)]
    return Batch(accepts, starts, finishes)
