"""Read a cron expression and its zone; say which part is wrong and why.

Five fields (minute, hour, day, month, weekday), six with the second before them, or one of
Kubernetes' macros such as ``@daily``.
What is read goes to ``dragops.schedule.next``, or back to text by ``for_cron_job``.
"""

from datetime import tzinfo

from dragops.errors import BadInput
from dragops.schedule.field import FIELDS, WEEKDAY, Part, parse_field, parse_parts
from dragops.schedule.next import Schedule
from dragops.schedule.zone import read_zone

_TEXT_MAX = 256
_DAYS_AT_MOST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def parse_schedule(text: str, timezone: str = "UTC") -> Schedule:
    """Read a rule; BadInput's path is the field (``second`` ... ``weekday``), or ``timezone``.

    It is ``schedule`` where no single field is wrong. A rule that can never fire, such as 31
    February, is refused too.
    """
    schedule = read_rule(text, read_zone(timezone))
    _refuse_if_it_never_fires(schedule)
    return schedule


def read_rule(text: str, zone: tzinfo) -> Schedule:
    """Read a rule in a zone that need have no name; it may be one that can never fire."""
    texts = _fields(text)
    wanted = texts if len(texts) == len(FIELDS) else ["0", *texts]
    second, minute, hour, day, month, weekday = (
        parse_field(field, bounds) for field, bounds in zip(wanted, FIELDS, strict=True)
    )
    return Schedule(
        text=" ".join(texts),
        zone=zone,
        second=second,
        minute=minute,
        hour=hour,
        day=day,
        month=month,
        weekday=weekday,
    )


def for_cron_job(schedule_text: str) -> str:
    """Give the rule as Kubernetes takes it: one blank between fields, weekday 7 written as 0.

    Of a rule with seconds it is the rule of its minutes.
    """
    *others, weekday = parse_schedule(schedule_text).text.split(" ")
    parts = (_without_seven(part) for part in parse_parts(weekday, WEEKDAY))
    return " ".join([*others[-4:], ",".join(parts)])


def _without_seven(part: Part) -> str:
    if part.high <= WEEKDAY.high:
        return part.text
    return ",".join(str(value % 7) for value in part.values())


def _fields(text: str) -> list[str]:
    if len(text) > _TEXT_MAX:
        raise BadInput("schedule", f"is longer than {_TEXT_MAX} characters")
    if "TZ=" in text:
        raise BadInput("schedule", "holds a time zone; set it beside the schedule, as timezone")
    if text.strip().startswith("@"):
        text = _expanded(text.strip())
    fields = text.split()
    if len(fields) not in {len(FIELDS) - 1, len(FIELDS)}:
        first, *names = (bounds.name for bounds in FIELDS)
        told = f"{', '.join(names)}; or 6, with the {first} before them"
        raise BadInput("schedule", f"has {len(fields)} fields instead of 5: {told}")
    return fields


def _expanded(macro: str) -> str:
    if macro not in _MACROS:
        raise BadInput(
            "schedule",
            f"{macro!r} is not supported; write 5 or 6 fields, or one of {', '.join(_MACROS)}",
        )
    return _MACROS[macro]


def _refuse_if_it_never_fires(schedule: Schedule) -> None:
    if not schedule.weekday.is_star:
        return  # a weekday comes round in every month, by itself or beside the day
    first = min(schedule.day.values)
    if all(first > _DAYS_AT_MOST[month - 1] for month in schedule.month.values):
        raise BadInput("day", f"never fires: no month of this rule has a day {first}")
