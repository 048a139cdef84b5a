"""Cron expressions as Kubernetes reads them, and their next times; no clock, no cluster.

``parse_schedule`` is the door: the compiler and the API refuse with its faults, the operator writes
``for_cron_job`` into CronJobs, and whoever shows next runs asks ``Schedule.next``.
"""

from dragops.schedule.next import Schedule, next_times
from dragops.schedule.parse import for_cron_job, parse_schedule

__all__ = ["Schedule", "for_cron_job", "next_times", "parse_schedule"]
