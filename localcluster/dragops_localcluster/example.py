"""The first example, as a newcomer would try it: apply, wait, call, look at the run."""

import base64
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from dragops_localcluster.app_image import REPOSITORY
from dragops_localcluster.release import MADE_BY, MAKE_UP, MARK
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

FOLDER = REPOSITORY / "examples" / "01-webhook-logger"
DEPLOYMENT = "dep-webhook-logger"
BODY = {"pusher": {"name": "Ada"}, "repository": {"full_name": "ada/engine"}}
RUN_SECONDS = 20
ENDED = {"completed", "failed", "timeout"}


def show_example(target: Target, env: Mapping[str, str]) -> str:
    """Run the example once and give its run as a small table."""
    where = ["--namespace", env["DRAGOPS_WORKSPACE"]]
    _apply(target, where)
    ready = ["wait", "--for=condition=Ready", "--timeout=90s"]
    target.kubectl(*ready, f"patterndeployment/{DEPLOYMENT}", *where)
    found = ["get", "--output=json", *where]
    deployment = json.loads(target.kubectl(*found, "patterndeployment", DEPLOYMENT))
    webhook = deployment["status"]["webhooks"][0]
    secret = json.loads(target.kubectl(*found, "secret", webhook["secretName"]))["data"]
    answer = _post(env, webhook["webhookId"], base64.b64decode(secret["hook.secret"]))
    return as_table(_wait_for_run(env, answer["runId"]))


def as_table(run: Mapping[str, Any]) -> str:
    """Lay out a run for a terminal."""
    lines = {
        "run": run["id"],
        "status": run["status"],
        "version": run["versionNumber"],
        "took": f"{run['durationMs']} ms",
        "log": "; ".join(entry["message"] for entry in run["logOutput"]),
    }
    if run.get("errorMessage"):
        lines["error"] = run["errorMessage"]
    return "\n".join(f"  {name:<9}{value}" for name, value in lines.items())


def is_somebodys(listed: str) -> bool:
    """Say whether any object that kubectl has found lacks the mark of ``make up``."""
    found = json.loads(listed) if listed.strip() else {"items": []}
    labels = [item["metadata"].get("labels", {}) for item in found.get("items", [found])]
    return any(label.get(MADE_BY) != MAKE_UP for label in labels)


def _apply(target: Target, where: list[str]) -> None:
    """Apply it with the mark, so that ``make down`` may delete it, unless it was there before."""
    files = f"--filename={FOLDER}"
    found = target.kubectl("get", files, "--ignore-not-found", "--output=json", *where)
    if is_somebodys(found):
        target.kubectl("apply", "--server-side", files, *where)
        return
    marked = target.kubectl("label", "--local", files, MARK, "--output=json")
    target.kubectl("apply", "--server-side", "--filename=-", *where, stdin=marked)


def _post(env: Mapping[str, str], webhook_id: str, secret: bytes) -> Any:
    body = json.dumps(BODY).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Webhook-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    return _ask(f"{env['DRAGOPS_URL']}/webhooks/{webhook_id}", headers, body)


def _wait_for_run(env: Mapping[str, str], run_id: str) -> Any:
    path = f"/api/deployments/{DEPLOYMENT.replace('-', '_', 1)}/runs?limit=100"
    headers = {"Authorization": f"Bearer {env['DRAGOPS_TOKEN']}"}
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        for run in _ask(env["DRAGOPS_URL"] + path, headers)["data"]:
            if run["id"] == run_id and run["status"] in ENDED:
                return run
        time.sleep(0.2)
    raise Trouble(f"the run {run_id} did not end within {RUN_SECONDS} s")


def _ask(url: str, headers: dict[str, str], body: bytes | None = None) -> Any:
    # A proxy from the environment knows nothing of the node's address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read())
    except OSError as exc:
        raise Trouble(f"{url} did not answer as it should: {exc}") from exc
