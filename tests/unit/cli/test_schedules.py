"""A schedule changed from the command line."""

import pytest

from support.command import Command
from support.product import graph
from support.served_api import ServedApi

TICKING = graph(
    {"tick": ("OnSchedule", {"schedule": "* * * * *"}), "log": ("Log", {"message": "hi"})},
    "tick.exec -> log.exec",
)


@pytest.fixture
def deployment(api: ServedApi) -> str:
    """A deployment with a schedule."""
    return api.behind(lambda door: door.deployed(TICKING))[1]


def test_a_new_rule_is_told_with_its_next_times(dragops: Command, deployment: str) -> None:
    """Five of them, each with how far away it is."""
    ran = dragops.good("schedule", deployment, "0 9 * * 1-5", "--timezone", "Asia/Tokyo")

    first, *times = ran.out.splitlines()
    assert first == f"{deployment} ticks by 0 9 * * 1-5 (Asia/Tokyo)."
    assert len(times) == 5
    assert all(" 00:00:00 UTC (in " in line for line in times)
    data = dragops.good("schedule", deployment, "@daily", "-o", "json").json
    assert (data["cronExpression"], data["timezone"]) == ("@daily", "UTC")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("0 24 * * *",), "hour: 24 is not between 0 and 23"),
        (("0 9 * * *", "--timezone", "Mars/Olympus"), "is not a zone"),
        (("0 9 * * *", "--node", "log"), "no On Schedule node"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_the_field(
    dragops: Command, deployment: str, words: tuple[str, ...], told: str
) -> None:
    """The API's own words."""
    ran = dragops("schedule", deployment, *words)

    assert (ran.code, told in ran.err) == (1, True)


def test_a_change_that_engines_have_not_confirmed_ends_with_5(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """That it was confirmed before does not count."""
    api.door.operator.is_deaf = True

    ran = dragops("schedule", deployment, "0 9 * * *", "--timeout", "1s")

    assert ran.code == 5
    assert "not confirmed it after" in ran.err
