"""Durations as the books count them: rounded to one of about 200 lengths.

So a few counters a minute tell averages and percentiles of any number of runs. Durations of one
length differ by an eighth at most: they are exact below 16 ms, and at most 12.5 % off above.
"""

from collections.abc import Mapping

NO_DURATION = -1
"""Stands for the duration of a run that never began: skipped, or cancelled while it waited."""
_EXACT = 16


def rounded(milliseconds: int) -> int:
    """Give the number of the length that a duration is counted under; longer is never lower."""
    if milliseconds < _EXACT:
        return milliseconds
    shift = milliseconds.bit_length() - 4
    return 8 * shift + (milliseconds >> shift)


def shortest(length: int) -> int:
    """Give the shortest duration, in milliseconds, that is counted under a length."""
    if length < _EXACT:
        return length
    shift = length // 8 - 1
    return (length - 8 * shift) << shift


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """Give the duration, in milliseconds, that so many percent of the runs did not exceed.

    ``counts`` tells how many runs are counted under each length. Inside a length durations are
    taken as evenly spread, so the answer is never further from the truth than the length is wide.
    """
    total = sum(counts.values())
    rank, before = max(1, -(-total * percent // 100)), 0
    for length, count in sorted(counts.items()):
        if before + count >= rank:
            low, high = shortest(length), shortest(length + 1) - 1
            return low + (high - low) * (rank - before) // count
        before += count
    return None
