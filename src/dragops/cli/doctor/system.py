"""The system as the API sees it: engines, store, deployments that are not as they should be."""

from collections.abc import Iterator, Mapping
from typing import Any

from dragops.cli.api import Api
from dragops.cli.doctor.finding import Finding, Verdict, fail, good, skip, warn
from dragops.cli.failures import CallRefused, NoAnswer

_SHOWN = 5
_ENGINES = {
    "connected": (Verdict.OK, "every workspace with live deployments has a ready engine"),
    "degraded": (Verdict.WARN, "some workspaces with live deployments have no ready engine"),
    "disconnected": (Verdict.FAIL, "no engine is ready"),
}


def look_at_system(api: Api) -> Iterator[Finding]:
    """Look at the health summary and at what has failed."""
    try:
        health = api.get("/api/deployments/health/summary").data
    except CallRefused as exc:
        if exc.status == 403:
            yield skip("system", "you may not list deployments")
        else:
            yield fail("system", f"{exc} ({exc.code})", "kubectl -n dragops get pods")
        return
    except NoAnswer as exc:
        yield fail("system", str(exc), "repeat in a moment")
        return
    yield _engines(health)
    yield from _counts(health)
    yield from _deployments(api)


def _engines(health: Mapping[str, Any]) -> Finding:
    word = str(health.get("engineStatus"))
    verdict, told = _ENGINES.get(word, (Verdict.WARN, f"their state is {word}"))
    mend = "kubectl get pods -l app.kubernetes.io/name=dragops-engine --all-namespaces"
    return Finding("engines", verdict, told, "" if verdict is Verdict.OK else mend)


def _counts(health: Mapping[str, Any]) -> Iterator[Finding]:
    if silent := health.get("silentSchedules"):
        yield warn(
            "schedules", f"{silent} did not tick when they should", "kubectl get cronjobs,jobs"
        )
    if letters := health.get("deadLetters"):
        mend = "dragops runs list DEPLOYMENT --status dead_letter"
        yield warn("runs", f"{letters} failed after all retries", mend)


def _deployments(api: Api) -> Iterator[Finding]:
    for status in ("failed", "pending"):
        found = api.get("/api/deployments", {"status": status, "limit": 100})
        ids = [str(item["id"]) for item in found.data]
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            told = f"{status}: {', '.join(ids[:_SHOWN])}{more}"
            yield warn("deployments", told, "kubectl describe pdep NAME says why")
    total = api.get("/api/deployments", {"limit": 1}).meta.get("total", 0)
    yield good("deployments", f"{total} in reach")
