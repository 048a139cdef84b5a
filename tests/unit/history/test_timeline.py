"""The times of a run's nodes, as they are kept."""

import pytest

from dragops.history.timeline import Step, Timeline, decode_timeline, encode_timeline


def test_a_step_lasts_until_the_next_one_or_the_end() -> None:
    """Offsets are microseconds, so that nodes of less than a millisecond can be told apart."""
    text = encode_timeline(1_000, ["a", "b", "a"], [0, 1_500, 2_000], end=9_250, dropped=3)

    assert decode_timeline(text) == Timeline(
        (Step("a", 1_000, 1.5), Step("b", 1_001.5, 0.5), Step("a", 1_002, 7.25)), 3
    )


@pytest.mark.parametrize("text", [None, encode_timeline(1, [], [], end=0, dropped=0)])
def test_a_run_without_steps_has_an_empty_timeline(text: str | None) -> None:
    """As has one from before they were kept."""
    assert decode_timeline(text) == Timeline()
