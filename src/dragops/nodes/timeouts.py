"""How long a node may wait for another machine; the run's own deadline stands above it."""

from dragops.nodes.convert import Number
from dragops.nodes.limits import out_of_range

_SECONDS_MAX = 300
_WANTED = f"use a number of seconds above 0 and at most {_SECONDS_MAX}"


def bounded_timeout(seconds: Number) -> float:
    """Give the seconds that a node waits at most; LimitError when it would be too long, or none."""
    if not 0 < seconds <= _SECONDS_MAX:
        raise out_of_range("timeout", seconds, _WANTED)
    return float(seconds)


def fixed_timeout(seconds: Number) -> Number:
    """Check a timeout that is written into a pattern."""
    if not 0 < seconds <= _SECONDS_MAX:
        raise ValueError(_WANTED)
    return seconds
