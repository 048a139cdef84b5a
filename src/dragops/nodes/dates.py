"""Date/Time: what time it is, and dates as texts. Their calendar is in ``date_calendar``."""

from datetime import UTC, datetime

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.date_texts import checked_format, read_date, write_date
from dragops.nodes.moments import checked_zone, offset_of, seen_in, zone_or

category = Category("Date/Time")


@category.node(
    'Now pure () [timezone: String = "UTC"] -> (now: DateTime)', checks={"timezone": checked_zone}
)
def now(ctx: Context, timezone: str = "UTC") -> datetime:
    """Tell what time it is, by the clocks of a time zone."""
    return seen_in(ctx.now(), zone_or(timezone, UTC))


@category.node(
    'ParseDate pure (text: String!, format: String = "") [timezone: String = "UTC"]'
    " -> (date: DateTime)",
    checks={"format": checked_format, "timezone": checked_zone},
)
def parse_date(text: str, format_: str = "", timezone: str = "UTC") -> datetime:
    """Read a date: in a format such as `dd.MM.yyyy HH:mm`, or in the usual ones without.

    Format Date tells all names and letters of formats.
    """
    return read_date(text, format_, zone_or(timezone, UTC))


@category.node(
    'FormatDate pure (date: DateTime!, format: String = "iso", timezone: String = "")'
    " -> (text: String)",
    checks={"format": checked_format, "timezone": checked_zone},
)
def format_date(date: datetime, format_: str = "iso", timezone: str = "") -> str:
    """Write a date in a format: by its name, or by letters as in `d MMM yyyy, HH:mm`.

    Names: iso, date, time, rfc2822, http, unix, unixMs. Letters: yyyy yy MMMM MMM MM M dd d EEEE
    EEE HH H hh h mm m ss s SSS a XXX; text stands in '...'.
    """
    return write_date(seen_in(date, zone_or(timezone, offset_of(date))), format_)
