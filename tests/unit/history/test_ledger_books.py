"""The books of a transaction agree with each other, whatever comes in, and in whatever order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dragops.history.batch import Accept, Finish, Start
from dragops.history.ledger import Ledger, OpenRun
from dragops.history.news import Change
from support.batches import accept, finish

RUNS = [accept(f"run_{number:032x}", running=number % 2 == 0) for number in range(6)]
WORDS = ("completed", "failed", "timeout", "cancelled", "skipped")
RECORDS = st.one_of(
    st.sampled_from(RUNS),
    st.sampled_from([Start(run.run_id, 1_100, attempt) for run in RUNS for attempt in (1, 2)]),
    st.builds(finish, st.sampled_from([run.run_id for run in RUNS]), st.sampled_from(WORDS)),
)


def entered(batches: list[list[Accept | Start | Finish]]) -> list[Ledger]:
    """Enter transactions one after another, as the store does."""
    known: dict[str, OpenRun] = {}
    seen: set[str] = set()
    ledgers = []
    for batch in batches:
        ledger = Ledger(known, {}, seen)
        for record in batch:
            match record:
                case Accept():
                    if record.run_id not in ledger.opened:  # an engine makes an id once
                        ledger.accept("team-a", record)
                case Start():
                    ledger.start("team-a", record)
                case Finish():
                    ledger.finish("team-a", record)
        seen |= {str(row[0]) for row in ledger.runs}
        known.update(ledger.opened)
        for run_id in ledger.ended:
            known.pop(run_id)
        ledgers.append(ledger)
    return ledgers


@given(st.lists(st.lists(RECORDS, max_size=12), max_size=6))
def test_each_run_is_in_one_status_ends_once_and_is_told_of(
    batches: list[list[Accept | Start | Finish]],
) -> None:
    """Counters by status, counters of ends, and news, all of the same runs."""
    ledgers = entered(batches)

    counts: Counter[str] = Counter()
    for ledger in ledgers:
        for (_, _, status), moved in ledger.counts.items():
            counts[status] += moved
    made = [row[0] for ledger in ledgers for row in ledger.runs]
    ended = [run_id for ledger in ledgers for run_id in ledger.ended]
    finished: Counter[str] = Counter()
    for ledger in ledgers:
        for (_, _, _, status, _), (runs, _) in ledger.finished.items():
            finished[status] += runs
    items = [item for ledger in ledgers for item in Change.of(ledger).items()]

    assert all(count >= 0 for count in counts.values())
    assert counts.total() == len(made) == len(set(made))
    assert finished.total() == len(ended) == len(set(ended))
    assert all(finished[word] == counts[word] for word in WORDS)
    assert sorted(item.run_id for item in items if item.ended_at is not None) == sorted(ended)
    begun = [item.run_id for item in items if item.ended_at is None]
    assert len(begun) == len(set(begun))
