"""What counts as a rule, which part of a wrong one is named, and what a CronJob is given."""

import pytest

from dragops.errors import BadInput
from dragops.schedule import for_cron_job, parse_schedule

READ = [
    ("second", "* * * * *", {0}),
    ("second", "@daily", {0}),
    ("second", "* * * * * *", set(range(60))),
    ("second", "*/20 * * * * *", {0, 20, 40}),
    ("second", "5,50-55/5 0 9 * * MON", {5, 50, 55}),
    ("minute", "30 15 * * * *", {15}),
    ("weekday", "0 0 9 ? * 5-7", {5, 6, 0}),
    ("minute", "*/20 * * * *", {0, 20, 40}),
    ("minute", "5/20 * * * *", {5, 25, 45}),
    ("minute", "*/90 * * * *", {0}),
    ("minute", "1,5-9/2,58-59 * * * *", {1, 5, 7, 9, 58, 59}),
    ("minute", "007 * * * *", {7}),
    ("hour", "* ? * * *", set(range(24))),
    ("hour", "* 22/1 * * *", {22, 23}),
    ("day", "* * 5-5 * *", {5}),
    ("month", "* * * jan,Jul-SEP *", {1, 7, 8, 9}),
    ("month", "* * * MAR/4 *", {3, 7, 11}),
    ("weekday", "* * * * MON-FRI", {1, 2, 3, 4, 5}),
    ("weekday", "* * * * 7", {0}),
    ("weekday", "* * * * 5-7", {5, 6, 0}),
    ("weekday", "* * * * 1-7/2", {1, 3, 5, 0}),
    ("weekday", "* * * * 5/2", {5}),
    ("weekday", "* * * * sun-7", set(range(7))),
]

WRONG = [
    ("second", "60 * * * * *", "60 is not between 0 and 59"),
    ("second", "*/0 * * * * *", "step of 0"),
    ("second", "MON * * * * *", "whole number"),
    ("minute", "0 60 * * * *", "60 is not between 0 and 59"),
    ("minute", "60 * * * *", "60 is not between 0 and 59"),
    ("minute", ", * * * *", "comma"),
    ("minute", "1,,2 * * * *", "comma"),
    ("minute", "1, * * * *", "comma"),
    ("minute", "*-5 * * * *", "none of"),
    ("minute", "+5 * * * *", "none of"),
    ("minute", "-5 * * * *", "none of"),
    ("minute", "5--5 * * * *", "none of"),
    ("minute", "1-5-7 * * * *", "none of"),
    ("minute", "1/2/3 * * * *", "none of"),
    ("minute", "*/-12 * * * *", "none of"),
    ("minute", "1.5 * * * *", "none of"),
    ("minute", "*/0 * * * *", "step of 0"),
    ("minute", "55-5 * * * *", "backwards"),
    ("minute", "*/99999999999999999999 * * * *", "whole number"),
    ("minute", "1\u0663 * * * *", "none of"),
    ("hour", "0 24 * * *", "24 is not between 0 and 23"),
    ("hour", "0 H * * *", "whole number"),
    ("day", "0 0 0 * *", "0 is not between 1 and 31"),
    ("day", "0 0 32 * *", "32"),
    ("day", "0 0 L * *", "whole number"),
    ("day", "0 0 15W * *", "whole number"),
    ("month", "0 0 * 13 *", "13 is not between 1 and 12"),
    ("month", "0 0 * nov-feb *", "backwards"),
    ("month", "0 0 * january *", "JAN, FEB"),
    ("weekday", "0 0 * * 8", "8 is not between 0 and 7"),
    ("weekday", "0 0 * * sat-sun", "backwards"),
    ("weekday", "0 0 * * MONDAY", "SUN, MON"),
    ("weekday", "0 0 * * MON#2", "none of"),
    ("day", "0 0 31 2 *", "never fires"),
    ("day", "0 0 30-31 FEB ?", "never fires"),
    ("day", "0 0 31 4,6,9,11 *", "never fires"),
    ("schedule", "", "0 fields"),
    ("schedule", "* * * *", "4 fields"),
    ("day", "0 0 1 JAN,JUL * *", "'JAN' is not a whole number"),
    ("day", "0 0 0 31 2 *", "never fires"),
    ("schedule", "* * * *", "or 6, with the second before them"),
    ("schedule", "* * * * * * *", "7 fields"),
    ("schedule", "@every 5m", "not supported"),
    ("schedule", "@HOURLY", "not supported"),
    ("schedule", "@reboot", "not supported"),
    ("schedule", "TZ=UTC * * * * *", "time zone"),
    ("schedule", "CRON_TZ=UTC 0 0 * * *", "time zone"),
    ("schedule", "1," * 200 + "1 * * * *", "256"),
]

CRON_JOBS = [
    ("* * * * *", "* * * * *"),
    ("  0\t9 * *  MON-FRI ", "0 9 * * MON-FRI"),
    ("0 0 * * 7", "0 0 * * 0"),
    ("0 0 * * 5-7", "0 0 * * 5,6,0"),
    ("0 0 * * MON,7", "0 0 * * MON,0"),
    ("0 0 * * 1-7/3", "0 0 * * 1,4,0"),
    ("0 0 1 * 0-7", "0 0 1 * 0,1,2,3,4,5,6,0"),
    ("7 7 7 7 */2", "7 7 7 7 */2"),
    ("@weekly", "0 0 * * 0"),
    ("@annually", "0 0 1 1 *"),
    ("*/10 * * * * *", "* * * * *"),
    ("59  30 9 ? JAN 1-7/3", "30 9 ? JAN 1,4,0"),
]


@pytest.mark.parametrize(("field", "text", "values"), READ)
def test_a_field_is_the_set_of_its_values(field: str, text: str, values: set[int]) -> None:
    """Stars, question marks, lists, ranges, steps and names mean what Kubernetes means by them."""
    assert getattr(parse_schedule(text), field).values == values


@pytest.mark.parametrize(("path", "text", "message"), WRONG)
def test_a_wrong_rule_names_its_field_and_why(path: str, text: str, message: str) -> None:
    """Who wrote the rule is told where to look, and what would be right."""
    with pytest.raises(BadInput) as caught:
        parse_schedule(text)

    assert caught.value.path == path
    assert message in caught.value.message


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Local",
        "LOCAL",
        "America",
        "Mars/Olympus",
        "../UTC",
        "Etc/",
        "/UTC",
        "America//New_York",
        "-UTC",
        "posix/UTC",
        "right/UTC",
        "localtime",
        "UTC\n",
        "America/Knox_IN_a_part_too_long",
        "\u00dcTC",
    ],
)
def test_a_wrong_zone_is_named(zone: str) -> None:
    """Zones are IANA names, in the form that a CronJob accepts."""
    with pytest.raises(BadInput) as caught:
        parse_schedule("* * * * *", zone)

    assert caught.value.path == "timezone"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Etc/GMT+3", "America/Port-au-Prince"])
def test_a_zone_by_its_name_is_taken(zone: str) -> None:
    """Old names with digits and signs are names too."""
    assert parse_schedule("* * * * *", zone).zone.key == zone


@pytest.mark.parametrize(("text", "written"), CRON_JOBS)
def test_a_cron_job_is_given_what_kubernetes_takes(text: str, written: str) -> None:
    """Weekday 7 becomes 0, macros become fields, blanks become one blank, seconds go."""
    assert for_cron_job(text) == written


@pytest.mark.parametrize(("text", "written"), CRON_JOBS)
def test_what_a_cron_job_is_given_means_the_same(text: str, written: str) -> None:
    """Rewriting changes the text of a rule, never its days, hours and minutes."""
    before, after = parse_schedule(text), parse_schedule(written)

    for field in ["minute", "hour", "day", "month", "weekday"]:
        assert getattr(before, field) == getattr(after, field)


@pytest.mark.parametrize(("text", "claim"), [("0 * * * * *", True), ("* * * * *", False)])
def test_a_rule_knows_how_it_was_written(text: str, *, claim: bool) -> None:
    """Second 0 written out is still a rule with seconds."""
    assert parse_schedule(text).has_seconds is claim


def test_a_day_that_only_leap_years_have_is_taken() -> None:
    """29 February is rare, not impossible."""
    assert parse_schedule("0 0 29 2 *").day.values == {29}


def test_a_weekday_saves_a_day_that_never_comes() -> None:
    """Day or weekday: 31 February never comes, but February's Mondays do."""
    assert parse_schedule("0 0 31 2 MON").weekday.values == {1}
