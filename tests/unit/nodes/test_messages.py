"""What failures say: which pin, what it was given, what it takes; and no more of a value."""

from collections.abc import Callable
from typing import Any

import pytest

from dragops.compiler.check import check
from dragops.errors import RunFailure
from dragops.nodes import arrays, converting, hashing, http, loops, math, network, timeouts
from dragops.nodes.dates import parse_date
from dragops.nodes.objects import set_property
from dragops.nodes.retrying import Attempts
from support.context import RecordingContext
from support.patterns import node, pattern

CTX = RecordingContext()
OUT_OF_RANGE: list[tuple[Callable[[Any], Any], Any, str]] = [
    (lambda n: arrays.chunk([], n), 0, "pin size is 0: use 1 or more"),
    (lambda n: loops.batches(collection=[], size=n), -2, "pin size is -2: use 1 or more"),
    (lambda n: math.round_(1.5, n), 16, "pin digits is 16: use -15 to 15"),
    (lambda n: converting.format_number(1, n), -1, "pin decimals is -1: use 0 to 15"),
    (lambda n: hashing.random_token(CTX, n), 1025, "pin length is 1025: use 1 to 1024"),
    (lambda n: http.respond_to_webhook(CTX, n), 99, "pin statusCode is 99: use 200 to 599"),
    (lambda n: Attempts(CTX, n), 101, "pin maxAttempts is 101: use 1 to 100"),
    (
        timeouts.bounded_timeout,
        0,
        "pin timeout is 0: use a number of seconds above 0",
    ),
    (timeouts.bounded_timeout, 300.5, "pin timeout is 300.5: use a number of seconds above 0"),
]


@pytest.mark.parametrize(("use", "number", "told"), OUT_OF_RANGE)
def test_a_number_out_of_range_is_told_with_its_range(
    use: Callable[[Any], Any], number: Any, told: str
) -> None:
    """A LimitError that names the pin, what it was given, and what it takes."""
    with pytest.raises(RunFailure) as caught:
        use(number)

    assert caught.value.type == "LimitError"
    assert caught.value.message.startswith(told)


async def test_a_long_number_is_shown_by_its_begin() -> None:
    """It may have 1,233 digits."""
    with pytest.raises(RunFailure) as caught:
        await network.check_port(CTX, "a.test", 10**400)

    assert caught.value.message == f"pin port is 1{'0' * 39}…: use 1 to 65535"


LONG = "z" * 3_000


@pytest.mark.parametrize(
    "fail",
    [
        lambda: parse_date(LONG, f"'x{LONG}'"),
        lambda: set_property(object_={"a": 1}, key=f"a.{LONG}", value=1),
        lambda: converting.to_float(LONG),
    ],
    ids=["ParseDate", "SetProperty", "ToFloat"],
)
def test_a_message_shows_the_begin_of_a_long_value(fail: Callable[[], Any]) -> None:
    """200 characters of it are enough to know it again."""
    with pytest.raises(RunFailure) as caught:
        fail()

    assert "zzz" in caught.value.message
    assert LONG[:201] not in caught.value.message


def test_a_fault_shows_the_begin_of_a_long_value() -> None:
    spec = pattern("p", node("s", "OnStart"), node("x", "IpInCidr", ip=LONG, ranges=[]))

    [fault] = check(spec)[1]

    assert "zzz" in fault.message
    assert LONG[:201] not in fault.message
