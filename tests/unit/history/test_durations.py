"""Durations in a few counters: how far what they tell may be from the truth."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.history.durations import percentile, rounded, shortest

DURATIONS = st.integers(min_value=0, max_value=90_000_000)


@given(DURATIONS)
def test_a_duration_lies_within_its_length(milliseconds: int) -> None:
    """Exact below 16 ms; above, a length is an eighth of its shortest duration at most."""
    length = rounded(milliseconds)
    low, following = shortest(length), shortest(length + 1)

    assert low <= milliseconds < following
    assert following - low <= max(1, low / 8)


@given(DURATIONS, DURATIONS)
def test_longer_is_never_counted_as_shorter(one: int, other: int) -> None:
    """Percentiles go by the order of lengths."""
    assert (rounded(one) <= rounded(other)) or one > other


@given(st.lists(DURATIONS, min_size=1), st.integers(min_value=1, max_value=100))
def test_a_percentile_is_off_by_an_eighth_at_most(durations: list[int], percent: int) -> None:
    """Compared with the run at that rank, all runs sorted."""
    rank = math.ceil(len(durations) * percent / 100)
    truth = sorted(durations)[rank - 1]

    told = percentile(Counter(map(rounded, durations)), percent)

    assert told is not None
    assert rounded(told) == rounded(truth)
    assert abs(told - truth) <= truth / 8


@pytest.mark.parametrize(
    ("counts", "percent", "told"),
    [
        ({}, 50, None),
        ({5: 1}, 50, 5),
        ({5: 1}, 95, 5),
        ({1: 50, 9: 50}, 50, 1),
        ({1: 50, 9: 50}, 51, 9),
        ({1: 95, 15: 5}, 95, 1),
        ({1: 94, 15: 6}, 95, 15),
        ({rounded(1024): 100}, 50, 1087),
    ],
)
def test_a_percentile_is_what_so_many_runs_did_not_exceed(
    counts: dict[int, int], percent: int, told: int | None
) -> None:
    """Of none there is none; inside a length durations are taken as evenly spread."""
    assert percentile(counts, percent) == told
