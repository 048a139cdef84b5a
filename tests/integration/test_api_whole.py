"""Operator, engine, recorder and API as processes over a real control plane; no pods."""

import copy
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import httpx
import pytest

from support.product import LOGGER, Product, eventually, graph, signed

pytestmark = pytest.mark.timeout(180)

ECHO = graph(
    {"start": ("OnStart", {}), "log": ("Log", {})},
    "start.exec -> log.exec",
    "start.data -> log.message",
)
FAILS = graph(
    {"start": ("OnStart", {}), "parse": ("JsonParse", {"json": "{broken"}), "log": ("Log", {})},
    "start.exec -> log.exec",
    "parse.object -> log.message",
)
TELLS = graph(
    {
        "start": ("OnStart", {}),
        "region": ("GetEnvironment", {"name": "REGION"}),
        "token": ("GetSecret", {"name": "TOKEN"}),
        "same": ("Equal", {"b": "second-value"}),
        "text": ("Format", {"template": "{region} {same} {token}"}),
        "tell": ("ThrowError", {}),
    },
    *("start.exec -> tell.exec", "token.value -> same.a", "region.value -> text.region"),
    *("same.result -> text.same", "token.value -> text.token", "text.result -> tell.message"),
)

QUANTITY = {"name": "quantity", "type": "Integer", "required": True}
PRICE = graph(
    {
        "call": ("OnPatternCall", {"inputs": [QUANTITY], "outputs": ["total"]}),
        "times": ("Multiply", {"b": 9.5}),
        "done": ("RespondWith", {}),
    },
    *("call.exec -> done.exec", "call.quantity -> times.a", "times.result -> done.total"),
)


def order(pattern: str) -> dict[str, Any]:
    """Answers its sender with what another pattern says; or with why it could not be called."""
    asking = {"pattern": pattern, "inputs": ["quantity"], "outputs": ["total"]}
    return graph(
        {
            "hook": ("OnWebhook", {"responseMode": "ResponseNode"}),
            "get": ("GetProperty", {"key": "quantity"}),
            "ask": ("CallPattern", asking),
            "reply": ("RespondToWebhook", {}),
            "failed": ("OnError", {}),
            "sorry": ("RespondToWebhook", {"statusCode": 502}),
        },
        *("hook.exec -> ask.exec", "hook.body -> get.object", "get.value -> ask.quantity"),
        *("ask.exec -> reply.exec", "ask.total -> reply.body"),
        *("failed.exec -> sorry.exec", "failed.message -> sorry.body"),
    )


EVENT = json.dumps({"pusher": {"name": "Ada"}}).encode()


def _post(
    product: Product, endpoint: dict[str, str], secret: str = "", body: bytes = EVENT
) -> httpx.Response:
    return product.http.post(
        endpoint["webhookUrl"],
        content=body,
        headers={
            "Content-Type": "application/json",
            "X-Webhook-Signature": signed(secret or endpoint["webhookSecret"], body),
        },
    )


def test_a_webhook_by_way_of_the_api_runs_and_is_listed(product: Product) -> None:
    """Signed by its sender, checked by the engine, proxied in between."""
    _, deployment = product.deploy(LOGGER, "Logs")

    answer = _post(product, product.endpoint(deployment))

    assert answer.status_code == 202, answer.text
    run = eventually(lambda: product.runs(deployment, "&status=completed"))[0]
    assert run["id"] == answer.json()["runId"]
    assert [entry["message"] for entry in run["logOutput"]] == ["Ada pushed"]
    listed = next(d for d in product.data("GET", "/api/deployments") if d["id"] == deployment)
    assert (listed["totalRuns"], listed["lastRun"]["status"]) == (1, "completed")


def test_a_pattern_calls_another_and_both_runs_are_recorded(product: Product) -> None:
    """Named by its id; when it is paused, the sender is told why there is no answer."""
    callee, priced = product.deploy(PRICE, "Price")
    _, ordered = product.deploy(order(callee), "Order")
    endpoint = product.endpoint(ordered)

    answer = _post(product, endpoint, body=b'{"quantity": "4"}')
    product.data("POST", f"/api/deployments/{priced}/pause")
    refused = _post(product, endpoint, body=b'{"quantity": 4}')

    assert (answer.status_code, answer.json()) == (200, 38.0)
    assert (refused.status_code, refused.text) == (
        502,
        f"the pattern '{callee}' cannot be called: it is paused",
    )
    (called,) = eventually(lambda: product.runs(priced, "&triggeredBy=pattern&status=completed"))
    parent = answer.headers["x-dragops-run-id"]
    assert (called["parentRunId"], called["eventData"]) == (parent, {"quantity": 4})
    assert product.data("GET", f"/api/runs/{parent}")["parentRunId"] is None
    assert product.data("GET", f"/api/deployments/{priced}")["triggers"] == [
        {"type": "OnPatternCall", "nodeId": "call"}
    ]


def test_a_callable_pattern_runs_by_hand_with_its_parameters(product: Product) -> None:
    """What its callers would be refused for is refused."""
    _, priced = product.deploy(PRICE, "Price by hand")
    path = f"/api/deployments/{priced}/execute"

    done = product.data("POST", path, {"eventData": {"quantity": "4"}})
    refused = product.call("POST", path, {"eventData": {"quantity": "many"}})

    assert done["status"] == "completed"
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION")
    assert "'many' cannot be converted to an Integer" in refused.json()["error"]["message"]


def test_a_stream_over_http_tells_of_a_run_at_once(product: Product) -> None:
    """Head and events come as they are, not when the answer ends."""
    _, deployment = product.deploy(LOGGER, "Streams")
    endpoint = product.endpoint(deployment)
    headers = {"Authorization": f"Bearer {product.token}"}
    stream = f"{product.url}/api/runs/stream?deploymentId={deployment}"
    with product.http.stream("GET", stream, headers=headers) as answer:
        lines = answer.iter_lines()
        greeting = [next(lines) for _ in range(4)]
        run = _post(product, endpoint).json()["runId"]
        events = [line for line in islice(lines, 8) if line.startswith(("event:", "data:"))]

    assert (answer.status_code, greeting[1]) == (200, "retry: 2000")
    assert events[::2] == ["event: run.started", "event: run.finished"]
    assert all(run in line for line in events[1::2])


def test_each_state_answers_when_the_engines_have_obeyed(product: Product) -> None:
    """The very next webhook meets the new state."""
    pattern, deployment = product.deploy(LOGGER, "States")
    path, endpoint = f"/api/deployments/{deployment}", product.endpoint(deployment)

    assert product.data("POST", f"{path}/pause") == {"status": "paused"}
    paused = _post(product, endpoint)
    assert (paused.status_code, paused.json()["error"]["code"]) == (503, "PAUSED")
    assert product.data("POST", f"{path}/resume") == {"status": "active"}
    assert _post(product, endpoint).json()["status"] == "accepted"
    assert product.data("DELETE", f"/api/patterns/{pattern}/deploy") == {"status": "undeployed"}
    assert _post(product, endpoint).json()["status"] == "captured"


def test_a_regenerated_secret_is_good_at_once_and_the_old_one_for_its_grace(
    product: Product,
) -> None:
    """The engines have obeyed when the answer comes; without grace the old one is refused."""
    _, deployment = product.deploy(LOGGER, "Renewed")
    path, endpoint = f"/api/deployments/{deployment}/webhook", product.endpoint(deployment)
    secrets = [endpoint["webhookSecret"]]

    for grace in (600, 0):
        wish = {"endpointId": endpoint["id"], "graceSeconds": grace}
        secrets.append(product.data("POST", f"{path}/regenerate", wish)["webhookSecret"])
        answers = [_post(product, endpoint, secret).status_code for secret in secrets]
        assert answers == ([202, 202] if grace else [401, 401, 202])

    assert len(set(secrets)) == 3
    assert product.endpoint(deployment) == endpoint | {"webhookSecret": secrets[-1]}


def test_a_snippet_of_the_api_runs_against_the_product(product: Product) -> None:
    """URL, scheme and secret are the endpoint's own."""
    _, deployment = product.deploy(LOGGER, "Snippet")
    endpoint = product.endpoint(deployment)["id"]
    path = f"/api/deployments/{deployment}/webhook/snippets?endpointId={endpoint}"

    snippet = product.data("GET", path)["python"]

    ran = subprocess.run(
        [sys.executable, "-I", "-"], input=snippet, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    (run,) = eventually(lambda: product.runs(deployment, "&status=completed"))
    assert run["id"] in ran.stdout
    assert run["eventData"]["body"] == {"message": "Hello, main"}


def test_what_comes_while_undeployed_can_be_read(product: Product) -> None:
    """Captured by the engine, shown by the API."""
    pattern, deployment = product.deploy(LOGGER, "Captured")
    path, endpoint = f"/api/deployments/{deployment}/webhook", product.endpoint(deployment)
    assert product.data("GET", f"{path}/captured") == []
    product.data("DELETE", f"/api/patterns/{pattern}/deploy")

    assert _post(product, endpoint).json()["status"] == "captured"

    (captured,) = product.data("GET", f"{path}/captured")
    assert captured["endpointId"] == endpoint["id"]
    assert captured["eventData"]["body"] == json.loads(EVENT)


def test_versions_count_up_and_the_url_stays(product: Product) -> None:
    """A redeploy moves confirmedAt only; an edit and a deploy make version 2."""
    pattern, deployment = product.deploy(LOGGER, "Versions")
    status, endpoint = f"/api/patterns/{pattern}/deployment", product.endpoint(deployment)
    first = product.data("GET", status)

    product.data("POST", f"/api/deployments/{deployment}/redeploy")
    pushed = product.data("GET", status)
    edited = copy.deepcopy(LOGGER)
    edited["nodes"][2]["data"] = {"values": {"template": "{who} came"}}
    product.data("PUT", f"/api/patterns/{pattern}", {"name": "Edited", "graphData": edited})
    product.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    assert pushed["confirmedAt"] > first["confirmedAt"]
    assert (first["versionNumber"], pushed["versionNumber"]) == (1, 1)
    assert product.data("GET", status)["versionNumber"] == 2
    assert product.endpoint(deployment) == endpoint


def test_deploys_at_once_end_in_one_live_version(product: Product) -> None:
    """Each caller is told of a version that was live; the newest is, and no number is twice."""
    pattern, deployment = product.deploy(LOGGER, "Rush")
    path, body = f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}}

    with ThreadPoolExecutor(8) as callers:
        told = list(callers.map(lambda _: product.data("POST", path, body), range(8)))

    versions = product.data("GET", f"/api/deployments/{deployment}/versions")
    numbers = [version["number"] for version in versions]
    assert numbers == sorted(set(numbers), reverse=True)
    assert [version["live"] for version in versions] == [True, *[False] * (len(versions) - 1)]
    assert {answer["versionNumber"] for answer in told} <= set(numbers[:-1])
    assert {answer["status"] for answer in told} == {"active"}
    assert product.data("GET", f"/api/patterns/{pattern}/deployment")["versionNumber"] == numbers[0]


def test_a_rollback_runs_the_old_program_at_the_same_url(product: Product) -> None:
    """The very next webhook does; a dry run changes nothing, and the next deploy goes on."""
    pattern, deployment = product.deploy(LOGGER, "Rollback")
    path, endpoint = f"/api/deployments/{deployment}", product.endpoint(deployment)
    edited = copy.deepcopy(LOGGER)
    edited["nodes"][2]["data"] = {"values": {"template": "{who} came"}}
    product.data("PATCH", f"/api/patterns/{pattern}", {"graphData": edited})
    deploy, body = f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}}

    told = product.data("POST", f"{deploy}?dryRun=true", body)
    assert "{who} came" in told["diff"]
    assert product.data("POST", deploy, body)["versionNumber"] == 2
    back = product.data("POST", f"{path}/rollback", {"version": 1})
    run_id = _post(product, endpoint).json()["runId"]

    assert (back["status"], back["versionNumber"]) == ("active", 1)
    assert product.endpoint(deployment) == endpoint
    runs = eventually(lambda: product.runs(deployment, "&status=completed"))
    assert (runs[0]["id"], runs[0]["versionNumber"]) == (run_id, 1)
    assert [entry["message"] for entry in runs[0]["logOutput"]] == ["Ada pushed"]
    program = product.data("GET", f"{path}/versions/2/program")
    assert "{who} came" in program["text"]
    assert product.data("POST", deploy, body)["versionNumber"] == 3


def test_a_rollback_brings_its_declarative_nodes_back(product: Product) -> None:
    """From the deploy's body to the engine: the call is made, and meets the egress policy."""
    asking = graph({"start": ("OnStart", {}), "ask": ("AskHost", {})}, "start.exec -> ask.exec")
    created = product.data("POST", "/api/patterns", {"name": "Asks", "graphData": asking})
    pattern = f"/api/patterns/{created['id']}"
    definition = {"request": {"url": "http://127.0.0.1:9/{secrets.NONE}"}}
    first = {"nodeDefinitions": {"AskHost": definition}}
    second = {"nodeDefinitions": {"AskHost": {"request": {"url": "http://127.0.0.1:9/ask"}}}}

    def told(deployment: str) -> tuple[str, str]:
        error = product.data("POST", f"/api/deployments/{deployment}/execute")["error"]
        return error["nodeId"], f"{error['type']}: {error['message']}"

    made = product.data("POST", f"{pattern}/deploy", first)["deploymentId"]
    lacking = told(made)
    assert product.data("POST", f"{pattern}/deploy", second)["versionNumber"] == 2
    refused = told(made)
    product.data("POST", f"/api/deployments/{made}/rollback", {"version": 1})

    assert lacking == ("ask", "KeyError: the deployment's Environment has no secret 'NONE'")
    assert refused[0] == "ask"
    assert "HttpError: " in refused[1]
    assert "egress policy" in refused[1]
    assert told(made) == lacking


def test_a_deleted_deployment_leaves_nothing_that_answers(product: Product) -> None:
    """Not its id, not its runs, not its URL; the store's rows are purged."""
    _, deployment = product.deploy(LOGGER, "Gone")
    path, endpoint = f"/api/deployments/{deployment}", product.endpoint(deployment)
    run_id = _post(product, endpoint).json()["runId"]

    assert product.data("DELETE", path) == {"id": deployment, "status": "deleted"}

    assert product.call("DELETE", path).status_code == 404
    assert product.call("GET", f"/api/runs/{run_id}").status_code == 404
    eventually(lambda: _post(product, endpoint).status_code == 404)


def test_execute_waits_for_the_end_and_says_how_it_went(product: Product) -> None:
    """Completed with its event, failed with node and line, running when nobody waits."""
    _, echo = product.deploy(ECHO, "Echo")
    _, fails = product.deploy(FAILS, "Fails")

    done = product.data("POST", f"/api/deployments/{echo}/execute", {"eventData": {"a": "hi"}})
    failed = product.data("POST", f"/api/deployments/{fails}/execute")

    assert done["status"] == "completed"
    run = eventually(lambda: product.runs(echo, "&status=completed"))[0]
    assert (run["triggeredBy"], run["id"]) == ("manual", done["runId"])
    assert run["logOutput"][0]["message"] == '{"a":"hi"}'
    assert (failed["status"], failed["error"]["nodeId"]) == ("failed", "parse")
    assert failed["error"]["line"] > 1
    shown = eventually(lambda: product.runs(fails, "&status=failed"))[0]
    assert shown["error"] == failed["error"]
    health = product.data("GET", "/api/deployments/health/summary")
    assert (health["engineStatus"], health["runsLastHour"] >= 2) == ("connected", True)
    assert health["failuresLastHour"] >= 1


def test_an_environment_is_made_used_changed_and_not_deleted_while_in_use(
    product: Product,
) -> None:
    """By an API that may read no Secret of an Environment: what it sets goes one way only."""
    body = {"name": "Europe", "variables": {"REGION": "eu"}, "secrets": {"TOKEN": "first-value"}}
    environment = product.data("POST", "/api/environments", body)
    pattern = product.data("POST", "/api/patterns", {"name": "Tells", "graphData": TELLS})["id"]
    deploy = f"/api/patterns/{pattern}/deploy"
    deployed = product.data(
        "POST", deploy, {"nodeDefinitions": {}, "environmentId": environment["id"]}
    )
    execute, path = (
        f"/api/deployments/{deployed['deploymentId']}/execute",
        f"/api/environments/{environment['id']}",
    )

    def told() -> str:
        return str(product.data("POST", execute)["error"]["message"])

    assert (environment["ready"], environment["secrets"]) == (True, ["TOKEN"])
    assert told() == "eu false ***"
    changed = product.data(
        "PUT", path, {"name": "Europe", "secrets": {"TOKEN": "second-value", "MORE": "m0re"}}
    )
    assert changed["secrets"] == ["MORE", "TOKEN"]
    eventually(lambda: told() == "eu true ***", seconds=10)
    refused = product.call("DELETE", path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    product.data("POST", deploy, {"nodeDefinitions": {}, "environmentId": None})
    assert product.data("DELETE", path)["status"] == "deleted"
    failed = product.data("POST", execute)["error"]
    assert (failed["type"], failed["nodeId"]) == ("KeyError", "token")
