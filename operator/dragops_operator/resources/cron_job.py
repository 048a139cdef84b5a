"""A schedule's CronJob: its pod runs the compiled program itself, so ticks outlive us all."""

from dragops.model.bundle import Live, ProgramPointer, Schedule
from dragops.model.deployment import MissedRuns, Overlap
from dragops.model.pattern import Metadata
from dragops.schedule.jobs import has_seconds, longest_seconds
from dragops.schedule.parse import for_cron_job
from dragops_operator.facts import Facts
from dragops_operator.resources.names import (
    DEPLOYMENT_LABEL,
    PART_OF,
    POOL_INTERNAL,
    POOL_INTERNAL_PORT,
    TICK_POD,
    cron_job_name,
    live_name,
)
from dragops_operator.resources.owned import Object, child
from dragops_operator.resources.pod import (
    api_token_mount,
    api_token_volume,
    engine_container,
    restricted_pod,
    token_volume,
)

_NEVER_LATE_SECONDS = 60
"""The deadline where missed ticks are left out; below ten the controller may start none at all."""
_HOPELESS_EXITS = [2, 3]
"""Of dragops.engine.tick: wrong settings, a refused bundle; another pod would end the same."""
_ENGINE_TOKEN = "/var/run/dragops/engine"  # noqa: S105  (a path, not a secret)
_JOB_LABELS = {"DRAGOPS_JOB_NAME": "job-name", "DRAGOPS_JOB_UID": "controller-uid"}


def cron_job(
    owner: Metadata, schedule: Schedule, program: ProgramPointer, live: Live, facts: Facts
) -> Object:
    """Build the CronJob of one On Schedule node."""
    name = cron_job_name(owner.uid, schedule.node_id)
    built = child("batch/v1", "CronJob", name, owner)
    labels = PART_OF | {DEPLOYMENT_LABEL: owner.name} | TICK_POD
    built["spec"] = {
        "schedule": for_cron_job(schedule.cron_expression),
        "timeZone": schedule.timezone,
        "suspend": live.state != "active",
        "concurrencyPolicy": _concurrency(schedule).value,
        "startingDeadlineSeconds": _deadline(schedule),
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {
            "metadata": {"labels": labels},
            "spec": {
                "backoffLimit": 2,
                "podFailurePolicy": {"rules": [_give_up_on(_HOPELESS_EXITS)]},
                "activeDeadlineSeconds": longest_seconds(schedule, live),
                "ttlSecondsAfterFinished": 300,
                "template": {
                    "metadata": {"labels": labels},
                    "spec": _pod(owner, schedule, program, live, facts),
                },
            },
        },
    }
    return built


def _concurrency(schedule: Schedule) -> Overlap:
    """Give what the controller does; between seconds, the pods settle it with the recorder."""
    return Overlap.ALLOW if has_seconds(schedule) else schedule.overlap


def _deadline(schedule: Schedule) -> int:
    """Give the window in which the controller still starts the last tick that it missed."""
    if schedule.missed_runs is MissedRuns.NONE:
        return _NEVER_LATE_SECONDS
    return schedule.missed_window_seconds


def _pod(
    owner: Metadata, schedule: Schedule, program: ProgramPointer, live: Live, facts: Facts
) -> Object:
    command = ["python3", "-m", "dragops.engine.tick"]
    env = {
        "DRAGOPS_NODE_ID": schedule.node_id,
        "DRAGOPS_ENGINE_URL": f"http://{POOL_INTERNAL}:{POOL_INTERNAL_PORT}",
        "DRAGOPS_ENGINE_TOKEN_FILE": f"{_ENGINE_TOKEN}/token",
    }
    if _concurrency(schedule) is Overlap.REPLACE:
        env["DRAGOPS_DRAIN_SECONDS"] = "0"  # its successor is there already
    tokens = []
    if has_seconds(schedule):
        env["DRAGOPS_SOURCE"] = "cluster"
        tokens = [api_token_volume()]
    container = engine_container(facts, "tick", command, env)
    container["volumeMounts"] += [api_token_mount(each) for each in tokens]
    # with it the pool calls other patterns for the program, and does nothing else
    tokens.append(token_volume("engine-token", "dragops-engine"))
    container["volumeMounts"].append(
        {"name": "engine-token", "mountPath": _ENGINE_TOKEN, "readOnly": True}
    )
    container["env"] += [_label(name, label) for name, label in _JOB_LABELS.items()]
    container["volumeMounts"] += [
        {"name": "live", "mountPath": "/dragops/live", "readOnly": True},
        {"name": "program", "mountPath": "/dragops/program", "readOnly": True},
    ]
    volumes: list[Object] = [
        {"name": "live", "configMap": {"name": live_name(owner.name), "defaultMode": 0o644}},
        {"name": "program", "configMap": {"name": program.config_map, "defaultMode": 0o644}},
    ]
    if live.environment and live.environment.secret_name:
        secret = {"secretName": live.environment.secret_name, "defaultMode": 0o440}
        # optional: one that was taken away must not keep the pod from starting
        volumes.append({"name": "environment", "secret": secret | {"optional": True}})
        container["volumeMounts"].append(
            {"name": "environment", "mountPath": "/dragops/environment", "readOnly": True}
        )
    return restricted_pod([container], [*volumes, *tokens]) | {"restartPolicy": "Never"}


def _label(name: str, label: str) -> Object:
    path = f"metadata.labels['batch.kubernetes.io/{label}']"
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _give_up_on(exit_codes: list[int]) -> Object:
    codes = {"containerName": "tick", "operator": "In", "values": exit_codes}
    return {"action": "FailJob", "onExitCodes": codes}
