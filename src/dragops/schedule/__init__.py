"""Cron expressions as Kubernetes reads them, and their next times; no clock, no cluster.

``parse_schedule`` is the door: the compiler and the API refuse with its faults, the operator writes
``for_cron_job`` into CronJobs, and whoever shows next runs asks ``Schedule.next``. The node Next
Cron Time reads rules of anybody by ``read_rule``.
"""

from dragops.schedule.next import Schedule, next_times
from dragops.schedule.parse import for_cron_job, parse_schedule, read_rule
from dragops.schedule.zone import read_zone

__all__ = [
    "Schedule",
    "for_cron_job",
    "next_times",
    "parse_schedule",
    "read_rule",
    "read_zone",
]
