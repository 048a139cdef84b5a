"""Math beyond the examples of its page: long Integers, ends of Floats, chance."""

import math as exact
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import math, math_functions
from support.context import RecordingContext

HUGE = 10**400
"""An Integer that no Float can hold."""


@pytest.mark.parametrize(
    ("base", "exponent", "wanted"),
    [
        (2, 4095, 2**4095),
        (-2, 3, -8),
        (-1, -3, -1),
        (1, HUGE, 1),
        (-1, HUGE, 1),
        (0, HUGE, 0),
        (HUGE, -2, 0.0),
        (2, -1074, 5e-324),
        (-8, 2.0, 64.0),
        (0.0, 0.5, 0.0),
        (4, 0.5, 2.0),
    ],
)
def test_a_power_of_integers_is_exact(base: Any, exponent: Any, wanted: Any) -> None:
    """And a Float where the result is none, down to what is too small."""
    result = math.power(base, exponent)

    assert repr(result) == repr(wanted)


@pytest.mark.parametrize(("base", "exponent"), [(2, 4096), (3, HUGE), (-(2**4095), 2)])
def test_a_power_that_is_too_long_is_refused_before_it_is_computed(
    base: int, exponent: int
) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError: larger than the limit: an Integer holds"):
        math.power(base, exponent)


@pytest.mark.parametrize(
    ("value", "digits", "wanted"),
    [
        (0.5, 0, 1),
        (-0.5, 0, -1),
        (1.45, 1, 1.5),
        (2.675, 2, 2.68),
        (15, -1, 20),
        (-15, -1, -20),
        (4, -1, 0),
        (12345.678, -2, 12300),
        (7, 15, 7),
        (1e300, 3, 1e300),
        (1e22, 0, 10**22),
        (HUGE + 5, -1, HUGE + 10),
        (5e-324, 15, 0.0),
    ],
)
def test_half_is_rounded_away_from_zero(value: Any, digits: int, wanted: Any) -> None:
    """On the digits that the number prints, not on what its bits are worth."""
    assert repr(math.round_(value, digits)) == repr(wanted)


@pytest.mark.parametrize("digits", [16, -16])
def test_more_digits_than_a_float_has_are_refused(digits: int) -> None:
    with pytest.raises(RunFailure, match=r"^LimitError"):
        math.round_(1.5, digits)


@pytest.mark.parametrize(
    "compute",
    [
        lambda: math.add(HUGE, 0.5),
        lambda: math.power(HUGE, 0.5),
        lambda: math.lerp(1e308, -1e308, 2.0),
        lambda: math.floor(exact.inf),
        lambda: math.round_(exact.nan),
        lambda: math_functions.square_root(HUGE),
        lambda: math_functions.sine(HUGE),
        lambda: math_functions.cosine(exact.inf),
        lambda: math_functions.tangent(90, "degrees"),
        lambda: math_functions.tangent(-270.0, "degrees"),
        lambda: math_functions.logarithm(8, 0),
        lambda: math_functions.logarithm(-1),
    ],
)
def test_what_is_infinite_or_no_number_is_a_math_error(compute: Any) -> None:
    with pytest.raises(RunFailure, match=r"^MathError"):
        compute()


def test_logarithms_of_integers_know_no_size() -> None:
    """As the bases 2 and 10 are exact, so are powers of them."""
    assert math_functions.logarithm(2**4000, 2.0) == 4000.0
    assert math_functions.logarithm(HUGE, 10) == 400.0
    assert math_functions.logarithm(9, 3) == pytest.approx(2)


def test_angles_in_degrees_lose_nothing_to_full_turns() -> None:
    assert math_functions.sine(360 * 10**20 + 90, "degrees") == 1.0
    assert math_functions.cosine(-180, "degrees") == -1.0


def test_random_integers_take_both_ends_in() -> None:
    """By 0.25, 0.5 and 0.75, which the context gives in turn."""
    ctx = RecordingContext()

    assert [math.random_number(ctx, 0.5, 4.5, integer=True) for _ in range(3)] == [2, 3, 4]
    assert math.random_number(ctx, 7, 7, integer=True) == 7


@pytest.mark.parametrize("high", [1, 6, 2**53, 2**60, 2**60 + 1, 3**40, 3**600])
def test_chance_never_leaves_its_range(high: int) -> None:
    """Not even the largest of all chances, however long the range is."""
    ctx = RecordingContext()
    ctx.random = lambda: 1 - 2**-53  # type: ignore[method-assign]  # the largest of all chances

    assert high // 2 < math.random_number(ctx, 0, high, integer=True) <= high


def test_no_integer_between_the_ends_is_a_math_error() -> None:
    with pytest.raises(RunFailure, match=r"^MathError: there is no Integer"):
        math.random_number(RecordingContext(), 0.2, 0.8, integer=True)


def test_a_scale_may_run_backwards() -> None:
    """With clamp the result is held between its ends, whichever is the larger."""
    assert math.map_range(20, 0, 10, 100, 0, clamp=True) == 0
    assert math.map_range(2, 0, 10, 100, 0) == 80


@pytest.mark.parametrize("exponent", [0.5, exact.inf, -exact.inf, exact.nan])
def test_a_negative_base_has_only_whole_powers(exponent: float) -> None:
    """YAML has words for numbers that are infinite or none."""
    with pytest.raises(RunFailure) as caught:
        math.power(-1, exponent)

    assert caught.value.type == "MathError"
