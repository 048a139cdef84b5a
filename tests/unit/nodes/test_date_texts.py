"""Dates as texts beyond the examples of their page: what is read, written and refused."""

import math
from datetime import datetime
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes import date_instants, dates
from dragops.nodes.convert import to_datetime
from dragops.nodes.json_text import time_text

ALL_LETTERS = "yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h mm m ss s SSS a XXX"


def date(text: str) -> datetime:
    return to_datetime(text, "date")


def parsed(text: str, format_: str = "", timezone: str = "UTC") -> str:
    return time_text(dates.parse_date(text, format_, timezone))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-05", "2026-03-05T00:00:00.000+01:00"),
        (" 2026-03-05 12:30 ", "2026-03-05T12:30:00.000+01:00"),
        ("2026-03-05T12:00:00,123456789Z", "2026-03-05T12:00:00.123Z"),
        ("2026-03-05T12-0530", "2026-03-05T12:00:00.000-05:30"),
        ("20260305T120000Z", "2026-03-05T12:00:00.000Z"),
        ("20260305T1200", "2026-03-05T12:00:00.000+01:00"),
        ("20260305", "2026-03-05T00:00:00.000+01:00"),
        ("2026", "1970-01-01T00:33:46.000Z"),
        ("-1", "1969-12-31T23:59:59.000Z"),
        ("99999999999", "5138-11-16T09:46:39.000Z"),
        ("100000000000", "1973-03-03T09:46:40.000Z"),
        ("Thu, 5 Mar 2026 12:00 +0100 (CET)", "2026-03-05T12:00:00.000+01:00"),
        ("5 Mar 2026 12:00:00 -0000", "2026-03-05T12:00:00.000Z"),
        ("05 mar 2026 12:00:00", "2026-03-05T12:00:00.000+01:00"),
        ("Thu, 05 Mar 2026 12:00:00 PDT", "2026-03-05T12:00:00.000-07:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000+01:00"),
    ],
)
def test_the_usual_forms_are_read_without_a_format(text: str, wanted: str) -> None:
    """ISO 8601, mail, the three forms of HTTP, digits; the zone counts where there is none."""
    assert parsed(text, timezone="Europe/Berlin") == wanted


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30", "20269999", "31 Feb 2026 12:00", "2026-03-05T25:00", "5 Mar 2026 24:00"),
        *("2026-03", "2026-3-5", "2026-03-05x12:00", "2026-03-05T12:00+25:00", "05/03/2026"),
        *("5 Mar 2026 12:00 CET", "5 Foo 2026 12:00", "tomorrow", "1e5", "12:00", "٢٠٢٦٠٣٠٥"),
        *("1" * 2000, "x" * 10**6, "5 Mar 2026 12:00 " + " " * 10**6 + "x", "(" * 10**6),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    """The failure shows the text, unless it is long, and what would do."""
    with pytest.raises(
        RunFailure, match=r"^ParseError: '.*' is no date: |… is no date: "
    ) as caught:
        parsed(text)
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("text", ["9" * 20, "-" + "9" * 900, "-99999999999"])
def test_a_number_may_lead_out_of_the_calendar(text: str) -> None:
    """As From Unix Time has it."""
    with pytest.raises(RunFailure, match=r"^LimitError: .*years 1 to 9999"):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "format_", "wanted"),
    [
        ("5.3.26", "d.M.yy", "2026-03-05T00:00:00.000+01:00"),
        ("12:30 am", "hh:mm a", "1970-01-01T00:30:00.000+01:00"),
        ("12:30 PM", "h:mm a", "1970-01-01T12:30:00.000+01:00"),
        ("1", "h", "1970-01-01T01:00:00.000+01:00"),
        ("thursday, 5. MARCH 2026", "EEEE, d. MMMM yyyy", "2026-03-05T00:00:00.000+01:00"),
        ("2026年03月05日", "yyyy年MM月dd日", "2026-03-05T00:00:00.000+01:00"),
        (
            "2026-07-01 08:09:10.011 -05:30",
            "yyyy-MM-dd HH:mm:ss.SSS XXX",
            "2026-07-01T08:09:10.011-05:30",
        ),
        ("day 5, o'clock 7", "'day' d, 'o''clock' H", "1970-01-05T07:00:00.000+01:00"),
        ("2026-03-05", "date", "2026-03-05T00:00:00.000+01:00"),
        ("10:11:12", "time", "1970-01-01T10:11:12.000+01:00"),
        ("1772712000", "unixMs", "1970-01-21T12:25:12.000Z"),
        ("Thu, 05 Mar 2026 12:00:00 GMT", "http", "2026-03-05T12:00:00.000Z"),
        ("2026-03-05", "iso", "2026-03-05T00:00:00.000+01:00"),
    ],
)
def test_a_format_says_where_the_parts_are(text: str, format_: str, wanted: str) -> None:
    """What it leaves out is that of the begin of 1970; names may be in any case."""
    assert parsed(text, format_, "Europe/Berlin") == wanted


@pytest.mark.parametrize(
    ("text", "format_", "told"),
    [
        ("2026-3-05", "yyyy-MM-dd", "there is no MM at character 5"),
        ("2026-03-05 ", "yyyy-MM-dd", "it goes on at character 10"),
        ("2026.03", "yyyy-MM", "'-' is missing at character 4"),
        ("13 PM", "h a", r"hour must be in 1\.\.12"),
        ("05 06", "dd d", "it has two values for day"),
        ("32", "dd", "day is out of range for month"),
        ("5", "SSS", "there is no SSS"),
        ("+24:00", "XXX", "there is no XXX"),
        ("soon", "unix", "it must be digits"),
        ("soon", "http", "write it as Thu, 05 Mar 2026 12:00:00 "),
        ("20260305", "iso", "write it as 2026-03-05T12:00:00Z"),
        ("1" * 10**5, "dMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdMdM", "it "),
    ],
)
def test_a_text_that_is_not_in_its_format_tells_where(text: str, format_: str, told: str) -> None:
    with pytest.raises(RunFailure, match=f"^ParseError: .* is no date in the format .*: {told}"):
        parsed(text, format_)


@pytest.mark.parametrize(
    "format_", ["Q", "yyy", "MMMMM", "ddd", "aa", "X", "S", "''' d", "'d", "T"]
)
def test_a_letter_that_is_none_is_a_parse_error(format_: str) -> None:
    """It tells those that there are; text stands in quotes."""
    for work in (
        lambda: parsed("1", format_),
        lambda: dates.format_date(date("2026-03-05"), format_),
    ):
        with pytest.raises(RunFailure, match=r"^ParseError: malformed date format: "):
            work()


def test_a_format_has_an_end() -> None:
    with pytest.raises(RunFailure, match=r"^LimitError: .*a date format has 4000 characters"):
        dates.format_date(date("2026-03-05"), "d" * 4001)


def test_each_letter_writes_its_part() -> None:
    """Names in English, whatever the machine speaks."""
    moment = date("2026-03-05T15:07:03.045-09:30")

    assert dates.format_date(moment, ALL_LETTERS) == (
        "2026 26 March Mar 03 3 05 5 Thursday Thu 15 15 03 3 07 7 03 3 045 PM -09:30"
    )
    assert parsed(dates.format_date(moment, ALL_LETTERS), ALL_LETTERS) == time_text(moment)


@pytest.mark.parametrize(
    ("hour", "wanted"), [(0, "12 AM"), (1, "1 AM"), (11, "11 AM"), (12, "12 PM"), (23, "11 PM")]
)
def test_twelve_comes_before_one(hour: int, wanted: str) -> None:
    assert dates.format_date(date(f"2026-03-05T{hour:02}:00"), "h a") == wanted


@pytest.mark.parametrize(
    ("format_", "wanted"),
    [
        ("iso", "2026-03-05T00:07:03.045+05:30"),
        ("date", "2026-03-05"),
        ("time", "00:07:03"),
        ("rfc2822", "Thu, 05 Mar 2026 00:07:03 +0530"),
        ("http", "Wed, 04 Mar 2026 18:37:03 GMT"),
        ("unix", "1772649423"),
        ("unixMs", "1772649423045"),
        ("''''", "''"),
        ("", ""),
    ],
)
def test_a_format_may_have_a_name(format_: str, wanted: str) -> None:
    assert dates.format_date(date("2026-03-05T00:07:03.045+05:30"), format_) == wanted


def test_an_old_offset_has_no_seconds() -> None:
    """Berlin was 53 minutes and 28 seconds ahead; ISO 8601 cannot write that. The instant stays."""
    written = dates.format_date(date("1800-01-01"), timezone="Europe/Berlin")

    assert written == "1800-01-01T00:53:00.000+00:53"
    assert date(written) == date("1800-01-01")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
@pytest.mark.parametrize("unit", ["auto", "seconds", "milliseconds"])
def test_a_number_that_is_no_moment_is_a_limit_error(value: float, unit: Any) -> None:
    """YAML has words for numbers that are infinite or none."""
    with pytest.raises(RunFailure) as caught:
        date_instants.from_unix_time(value, unit)

    assert caught.value.type == "LimitError"
