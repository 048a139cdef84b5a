"""Ticks that must not overlap: who runs, who gives way, whose place is taken."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragops.errors import BadInput
from dragops.history.batch import Accept, encode_batch
from dragops.history.claims import (
    Claim,
    Claimed,
    decode_claim,
    decode_claimed,
    encode_claim,
    encode_claimed,
)
from dragops.model.ids import RunId, new_run_id
from support.batches import accept, finish, of
from support.run_store import OpenedStore, opened_store

NOON = "2026-03-05T12:00:{:02}.000Z"


def tick(second: int, **changes: Any) -> Accept:
    """A tick as its pod claims it."""
    key = NOON.format(second)
    fields = {
        "key": key,
        "key_for_ever": True,
        "triggered_by": "schedule",
        "event": f'{{"timestamp":"{key}","scheduledAt":"{key}"}}',
    }
    return accept(**(fields | changes))


def _claim(opened: OpenedStore, run: Accept, *, replaces: bool = False, since: int = 0) -> Claimed:
    return opened.store.claim("team-a", Claim(run, replaces, since))


def _status(opened: OpenedStore, run: Accept) -> tuple[str, str | None]:
    stored = opened.queries.get_run("team-a", run.run_id)
    return stored.status, stored.error_message


def test_a_tick_runs_while_nothing_else_does(opened: OpenedStore) -> None:
    """What has ended is in nobody's way."""
    first, second = tick(0), tick(1)

    assert _claim(opened, first) == Claimed(RunId(first.run_id), duplicate=False, gave_way=False)
    opened.write(of(finish(first.run_id)))
    assert not _claim(opened, second).gave_way
    assert _status(opened, second) == ("running", None)


def test_a_tick_gives_way_to_a_run_that_goes_on(opened: OpenedStore) -> None:
    """It is recorded as skipped, and says what it gave way to."""
    first, second = tick(0), tick(1)
    _claim(opened, first)

    assert _claim(opened, second).gave_way
    told = f"The run of {NOON.format(0)} was going on (overlap: Forbid)"
    assert _status(opened, second) == ("skipped", told)
    assert _status(opened, first) == ("running", None)


def test_a_tick_takes_the_place_of_an_older_one(opened: OpenedStore) -> None:
    """In one transaction: at no time are there two."""
    first, second = tick(0), tick(1)
    _claim(opened, first, replaces=True)

    assert not _claim(opened, second, replaces=True).gave_way
    told = f"The tick of {NOON.format(1)} took its place (overlap: Replace)"
    assert _status(opened, first) == ("cancelled", told)
    assert _status(opened, second) == ("running", None)


def test_a_late_tick_does_not_take_the_place_of_a_newer_one(opened: OpenedStore) -> None:
    """Its pod was slow to start; what runs is what should."""
    newer, late = tick(30), tick(5)
    _claim(opened, newer, replaces=True)

    assert _claim(opened, late, replaces=True).gave_way
    told = f"The run of {NOON.format(30)} was going on (overlap: Replace)"
    assert _status(opened, late) == ("skipped", told)
    assert _status(opened, newer) == ("running", None)


@pytest.mark.parametrize("replaces", [True, False])
def test_a_tick_that_has_its_run_changes_nothing(opened: OpenedStore, *, replaces: bool) -> None:
    """Another Job came first; whatever goes on goes on."""
    going, first, again = tick(1), tick(0), tick(0)
    _claim(opened, first)
    opened.write(of(finish(first.run_id)))
    _claim(opened, going)

    claimed = _claim(opened, again, replaces=replaces)

    assert claimed == Claimed(RunId(first.run_id), duplicate=True, gave_way=False)
    assert _status(opened, going) == ("running", None)


@pytest.mark.parametrize("way", [True, False])
def test_a_claim_that_is_sent_twice_is_answered_alike(opened: OpenedStore, *, way: bool) -> None:
    """The first answer may have been lost."""
    if way:
        _claim(opened, tick(0))
    run = tick(1)

    first, again = _claim(opened, run), _claim(opened, run)

    assert first == again == Claimed(RunId(run.run_id), duplicate=False, gave_way=way)
    assert opened.total(status="skipped") == int(way)


@pytest.mark.parametrize(
    "other",
    [
        tick(0, node_id="tock"),
        tick(0, deployment_uid="uid-b"),
        tick(0, triggered_by="manual"),
        tick(0, run_id=f"run_{1_000:012x}{'0' * 20}"),
    ],
    ids=["node", "deployment", "by hand", "long dead"],
)
def test_only_runs_of_the_same_schedule_that_can_go_on_count(
    opened: OpenedStore, other: Accept
) -> None:
    """A run whose Job was ended long ago went down with it."""
    opened.write(of(other))

    assert not _claim(opened, tick(1), since=2_000).gave_way


def test_runs_of_another_workspace_do_not_count(opened: OpenedStore) -> None:
    """Nobody can hold up a schedule by knowing its uid."""
    opened.write(of(tick(0)), workspace="team-b")

    assert not _claim(opened, tick(1)).gave_way


STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "end"]), st.integers(0, 59)), min_size=1, max_size=40
)


@settings(deadline=None, max_examples=40)
@given(STEPS, st.booleans())
def test_there_are_never_two_runs_whatever_comes_in_which_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], replaces: bool
) -> None:
    """Late claims, ends that come late or twice; the books agree with the runs."""
    with opened_store(tmp_path_factory.mktemp("claims")) as opened:
        runs: dict[int, Accept] = {}
        for what, second in steps:
            if what == "claim":
                run = tick(second, run_id=new_run_id())
                if not _claim(opened, run, replaces=replaces).duplicate:
                    runs[second] = run
            elif second in runs:
                opened.write(of(finish(runs[second].run_id)))

            going = [s for s, run in runs.items() if _status(opened, run)[0] == "running"]
            assert len(going) <= 1
            assert opened.total(status="running") == len(going)
            assert opened.total() == len(runs)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"accept": [], "replaces": true, "since": 0}',
        encode_claim(Claim(accept(key=None), replaces=True, since=0)),
        encode_batch(of(accept())),
    ],
)
def test_a_body_that_is_no_claim_is_refused(body: bytes) -> None:
    """Also one without a key: nobody could say which tick it is."""
    with pytest.raises(BadInput, match="claim of a tick"):
        decode_claim(body)


def test_a_claim_and_its_answer_survive_the_wire() -> None:
    """Field by field."""
    claim = Claim(tick(0), replaces=True, since=5)
    claimed = Claimed(RunId("run_1"), duplicate=False, gave_way=True)

    assert decode_claim(encode_claim(claim)) == claim
    assert decode_claimed(encode_claimed(claimed)) == claimed
