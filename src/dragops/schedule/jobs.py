"""How long a Job of a schedule may take: its CronJob ends it then, so no run of it goes on."""

from dragops.model.bundle import Live, Schedule
from dragops.model.deployment import MissedRuns
from dragops.schedule.parse import parse_schedule

_EXTRA_SECONDS = 600
"""What a pod may need besides the run itself: its start, a recorder that is away."""
_MINUTE_SECONDS = 60


def has_seconds(schedule: Schedule) -> bool:
    """Say whether a schedule's rule names seconds."""
    return parse_schedule(schedule.cron_expression, schedule.timezone).has_seconds


def longest_seconds(schedule: Schedule, live: Live) -> int:
    """Give the time for its minute, what it makes up for, and its run with all attempts."""
    timeout = live.limits.timeout_seconds
    of_a_run = live.retry.longest_seconds(timeout) if live.retry else timeout
    seconds = of_a_run + _EXTRA_SECONDS
    if has_seconds(schedule):
        seconds += _MINUTE_SECONDS
    if schedule.missed_runs is MissedRuns.ALL:
        # a missed tick begins within the window or never; the last one then takes its time
        seconds += schedule.missed_window_seconds + of_a_run
    return seconds
