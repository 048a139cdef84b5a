"""The shapes on the wire between engine and recorder."""

import orjson
import pytest

from dragops.errors import BadInput
from dragops.history.batch import (
    Accepted,
    Start,
    Tripped,
    Watch,
    decode_batch,
    decode_results,
    decode_tripped,
    encode_batch,
    encode_results,
)
from dragops.model.ids import RunId
from support.batches import accept, finish, of

RUN = accept(key="k", event='{"body":"ü \\" \\n"}')


def test_a_batch_arrives_as_it_was_sent() -> None:
    """Payloads are texts inside, whatever they hold."""
    sent = of(RUN, Start(RUN.run_id, 5), finish(RUN.run_id, log='[[1,"info",null,"x"]]'))

    assert decode_batch(encode_batch(sent)) == sent


def test_only_called_runs_need_a_recorder_that_knows_of_callers() -> None:
    """While an installation is upgraded, older ones take everything else."""
    called = accept(parent="run_1")

    sent = encode_batch(of(RUN, called))

    assert [len(row) for row in orjson.loads(sent)["accepts"]] == [12, 13]
    assert decode_batch(sent) == of(RUN, called)


def test_only_later_attempts_need_a_recorder_that_counts_them() -> None:
    """As with callers."""
    starts = [Start(RUN.run_id, 5), Start(RUN.run_id, 6, 2)]

    sent = encode_batch(of(*starts))

    assert [len(row) for row in orjson.loads(sent)["starts"]] == [2, 3]
    assert decode_batch(sent) == of(*starts)


def test_only_failures_need_a_recorder_that_counts_them() -> None:
    """Older ones pass the key over: what stands in the batch they take all the same."""
    watch = Watch("uid-a", "dep-a", failures=20, window_ms=300_000, since=0)
    sent = of(finish(RUN.run_id, "failed"))._replace(watches=[watch])

    assert decode_batch(encode_batch(sent)) == sent
    assert "watches" not in orjson.loads(encode_batch(of(RUN)))


def test_the_answer_says_which_breakers_have_tripped() -> None:
    """An older engine reads the results and passes that over; an older recorder never says it."""
    results, tripped = [Accepted(RunId("a"), False)], [Tripped("uid-a", 5)]
    said = encode_results(results, tripped)

    assert (decode_results(said), decode_tripped(said)) == (results, tripped)
    assert decode_tripped(encode_results(results)) == []


def test_results_arrive_in_order() -> None:
    """One for each accept."""
    results = [Accepted(RunId("a"), False), Accepted(RunId("b"), True)]

    assert decode_results(encode_results(results)) == results


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"accepts": {}, "finishes": []}',
        b'{"accepts": [], "finishes": [["run"]]}',
        orjson.dumps({"accepts": [tuple(RUN._replace(run_id="run_x"))], "finishes": []}),
        orjson.dumps({"accepts": [tuple(RUN._replace(version="three"))], "finishes": []}),
        orjson.dumps({"accepts": [tuple(RUN)[:10]], "finishes": []}),
        orjson.dumps({"accepts": [], "starts": [["run_" + 32 * "0", 5, 0]], "finishes": []}),
    ],
)
def test_a_body_that_is_no_batch_is_refused(body: bytes) -> None:
    """Nothing of it is written."""
    with pytest.raises(BadInput):
        decode_batch(body)
