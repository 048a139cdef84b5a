"""Waits between the attempts of a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dragops.model.retry import Retry

RETRIES = st.builds(
    Retry,
    max_attempts=st.integers(1, 100),
    initial_seconds=st.integers(0, 86_400),
    max_seconds=st.integers(0, 86_400),
)


@pytest.mark.parametrize(
    ("retry", "waits"),
    [
        (Retry(max_attempts=5), [1, 2, 4, 8]),
        (Retry(max_attempts=5, initial_seconds=3, max_seconds=10), [3, 6, 10, 10]),
        (Retry(max_attempts=3, initial_seconds=0), [0, 0]),
        (Retry(max_attempts=3, initial_seconds=60, max_seconds=5), [5, 5]),
        (Retry(max_attempts=2, initial_seconds=7, max_seconds=0), [0]),
    ],
)
def test_waits_double_up_to_the_longest(retry: Retry, waits: list[float]) -> None:
    """min(maxSeconds, initialSeconds * 2^(n-1)) after attempt n."""
    assert [retry.wait_seconds(n, 1) for n in range(1, retry.max_attempts)] == waits
    assert retry.longest_seconds(10) == 10 * retry.max_attempts + sum(waits)


@given(RETRIES, st.floats(0, 1), st.data())
def test_jitter_takes_at_most_half_of_a_wait(
    retry: Retry, chance: float, data: st.DataObject
) -> None:
    """No wait is longer than the longest, after however many attempts."""
    attempt = data.draw(st.integers(1, retry.max_attempts))

    whole, wait = retry.wait_seconds(attempt, 1), retry.wait_seconds(attempt, chance)

    assert whole / 2 <= wait <= whole <= retry.max_seconds


@pytest.mark.parametrize(
    "given", [{"maxAttempts": 0}, {"maxAttempts": 101}, {"initialSeconds": -1}, {"seconds": 1}]
)
def test_what_is_out_of_range_is_refused(given: dict[str, int]) -> None:
    """The CRD says the same."""
    with pytest.raises(ValidationError):
        Retry.model_validate(given)
