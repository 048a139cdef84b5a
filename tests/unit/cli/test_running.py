"""Runs by hand, their records and logs, and signed webhooks from the command line."""

import threading
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from dragops.engine.signatures import signed_by
from dragops.model.deployment import Signature
from support.command import Command
from support.product import LOGGER, graph
from support.seeded_runs import FAILURE, seed_run
from support.served_api import ServedApi

HELLO = graph(
    {"start": ("OnStart", {}), "log": ("Log", {"message": "hi"})}, "start.exec -> log.exec"
)


@pytest.fixture
def deployment(api: ServedApi) -> str:
    """A deployment with a webhook."""
    return api.behind(lambda door: door.deployed(LOGGER))[1]


def _seed(api: ServedApi, deployment: str, number: int, **told: Any) -> str:
    return seed_run(api.door, deployment, number, **told)


@pytest.mark.parametrize(
    ("status", "error", "code", "told"),
    [
        ("completed", None, 0, "run_abc123 completed; its log: dragops logs run_abc123\n"),
        (
            "failed",
            FAILURE,
            1,
            (
                "run_abc123 failed: ParseError: not JSON (node parse, line 7); "
                "its log: dragops logs run_abc123\n"
            ),
        ),
        ("timeout", None, 1, "run_abc123 took too long; its log: dragops logs run_abc123\n"),
    ],
)
def test_an_execution_ends_with_a_code_for_how_the_run_ended(
    api: ServedApi,
    dragops: Command,
    deployment: str,
    status: str,
    error: dict[str, Any] | None,
    code: int,
    told: str,
) -> None:
    """0 for a run that completed, 1 for any other end."""
    api.engine.execute_answer = {"runId": "run_abc123", "status": status} | (
        {"error": error} if error else {}
    )

    ran = dragops("execute", deployment)
    as_json = dragops("execute", deployment, "-o", "json")

    assert (ran.code, ran.out) == (code, told)
    assert (as_json.code, as_json.json["status"]) == (code, status)


@pytest.mark.parametrize("given", ['{"a": [1]}', "@FILE", "-"])
def test_an_event_is_typed_in_a_file_or_piped(
    api: ServedApi, dragops: Command, deployment: str, tmp_path: Path, given: str
) -> None:
    """The run gets exactly it."""
    file = tmp_path / "event.json"
    file.write_text('{"a": [1]}')

    word = given.replace("FILE", str(file))
    dragops.good("execute", deployment, "--event", word, stdin='{"a": [1]}')

    assert api.engine.orders[-1]["event"] == {"a": [1]}


@pytest.mark.parametrize("given", ["[1]", "{", "3", "", "@/nowhere", "{'a': 1}"])
def test_an_event_that_is_no_object_is_refused_before_anything_runs(
    api: ServedApi, dragops: Command, deployment: str, given: str
) -> None:
    """Exit code 2: the command line is wrong."""
    ran = dragops("execute", deployment, "--event", given)

    assert ran.code == 2
    assert "--event" in ran.err or "/nowhere" in ran.err
    assert api.engine.orders == []


def test_a_run_that_goes_on_is_waited_for(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The API waits in one call for so long only; the command looks again."""
    run = _seed(api, deployment, 1)
    api.engine.execute_status = 202
    api.engine.execute_answer = {"runId": run, "status": "running"}

    unwaited = dragops.good("execute", deployment, "--no-wait")
    late = dragops("execute", deployment, "--timeout", "0.5s")
    ending = threading.Timer(0.5, lambda: _seed(api, deployment, 1, status="failed"))
    ending.start()
    ended = dragops("execute", deployment)
    ending.join()

    assert unwaited.out.startswith(f"{run} is running;")
    assert api.engine.orders[0]["waitSeconds"] == 0
    assert late.code == 5
    assert f"{run} has not ended after" in late.err
    assert (ended.code, ended.out.split(";")[0]) == (
        1,
        f"{run} failed: ParseError: not JSON (node parse, line 7)",
    )


def test_a_paused_deployment_is_not_run(dragops: Command, deployment: str) -> None:
    """The API's code and what to do about it."""
    dragops.good("pause", deployment)

    ran = dragops("execute", deployment)

    assert ran.code == 1
    assert "(PAUSED)" in ran.err
    assert "dragops resume" in ran.err


def test_runs_are_listed_newest_first_and_narrowed(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The table tells what one looks for first; json has everything."""
    _seed(api, deployment, 1, status="completed")
    failed = _seed(api, deployment, 2, status="failed")

    head, *rows = dragops.good("runs", "list", deployment).rows
    only = dragops.good("runs", "list", deployment, "--status", "failed", "-o", "name")
    got = dragops.good("runs", "get", failed)

    assert head == ["ID", "STATUS", "BY", "STARTED", "TOOK", "VERSION", "ERROR"]
    assert [row[1] for row in rows] == ["failed", "completed"]
    assert rows[0][4:] == ["320ms", "1", "ParseError: not JSON at node parse, line 7"]
    assert only.out == f"{failed}\n"
    assert "Error          ParseError: not JSON at node parse, line 7\n" in got.out
    assert dragops("runs", "get", "run_0").code == 3


def test_a_long_list_is_read_page_by_page(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The API gives at most 100 at once."""
    for number in range(1, 131):
        _seed(api, deployment, number, status="completed")

    listed = dragops.good("runs", "list", deployment, "--limit", "120", "-o", "json").json

    assert len({run["id"] for run in listed}) == 120


def test_the_log_of_a_run_is_lines_with_their_nodes(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """What failed it is the last line; control codes are shown, not sent."""
    log = [("info", "Ada\npushed"), ("warn", "\x1b[2J")]
    run = _seed(api, deployment, 2, status="failed", log=log)

    ran = dragops.good("logs", run)
    as_json = [
        orjson.loads(line) for line in dragops.good("logs", run, "-o", "json").out.split("\n")[:-1]
    ]

    assert ran.out == (
        "00:00:02.005 info  [log] Ada\n"
        "    pushed\n"
        "00:00:02.005 warn  [log] \\x1b[2J\n"
        "00:00:02.320 error [parse] ParseError: not JSON\n"
    )
    assert [line["message"] for line in as_json] == [
        *("Ada\npushed", "\x1b[2J", "ParseError: not JSON")
    ]
    assert {line["runId"] for line in as_json} == {run}


def test_the_log_of_a_deployment_is_that_of_its_runs_oldest_first(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """Each line names its run."""
    runs = [
        _seed(api, deployment, n, status="completed", log=[("info", f"line {n}")])
        for n in (1, 2, 3)
    ]

    ran = dragops.good("logs", deployment, "--runs", "2")

    assert [line.split()[1] for line in ran.out.splitlines()] == runs[1:]


def test_lines_that_matter_less_are_left_out(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """Levels have an order."""
    levels = ("debug", "info", "warn", "error")
    run = _seed(api, deployment, 1, status="completed", log=[(word, word) for word in levels])

    shown = dragops.good("logs", run, "--level", "warn").out

    assert [line.split()[-1] for line in shown.splitlines()] == ["warn", "error"]


def test_runs_are_narrowed_by_when_they_were_made(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """A moment, or how long ago; the seeded ones are from 1970."""
    old = _seed(api, deployment, 1, status="completed")
    words = ("runs", "list", deployment, "-o", "name")

    assert dragops.good(*words, "--since", "2h").out == ""
    assert dragops.good(*words, "--until", "2h").out == f"{old}\n"
    assert dragops.good(*words, "--since", "1970-01-01T00:00:00Z").out == f"{old}\n"
    assert dragops("runs", "list", deployment, "--since", "lately").code == 2


def test_a_period_is_summed_up(api: ServedApi, dragops: Command, deployment: str) -> None:
    """Of the seeded runs none is from this hour."""
    _seed(api, deployment, 1, status="completed")

    page = dragops.good("runs", "stats", deployment, "--period", "1h").out
    data = dragops.good("runs", "stats", deployment, "-o", "json").json

    assert page.startswith("Period          1h\n")
    assert data["period"] == "24h"


def test_a_log_that_is_followed_ends_with_its_run(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The log comes with the end of the run."""
    run = _seed(api, deployment, 1)
    log = [("info", "at last")]
    ending = threading.Timer(0.4, lambda: _seed(api, deployment, 1, status="completed", log=log))
    early = dragops.good("logs", run)
    ending.start()

    ran = dragops.good("logs", run, "--follow")

    ending.join()
    assert (early.out, "wait with --follow" in early.err) == ("", True)
    assert ran.out.endswith("[log] at last\n")


def test_a_webhook_is_signed_and_sent_through_the_api(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The engine accepts what the command has signed."""
    ran = dragops.good(
        *("webhook", "send", deployment, "--through-api", "--data", '{"pusher": "Ada"}'),
        *("-H", "X-Idempotency-Key: once"),
    )

    assert ran.out == '202 {"status": "accepted", "runId": "run_1"}\n'
    ((method, path, headers, body),) = api.engine.events
    endpoint = dragops.good("webhook", "list", deployment, "-o", "json").json[0]
    assert (method, path) == ("POST", f"/webhooks/{endpoint['webhookId']}")
    assert headers["x-idempotency-key"] == "once"
    secret = endpoint["webhookSecret"].encode()
    assert signed_by(Signature(), [secret], headers, body, now=time.time()) == 0


def test_a_webhook_is_signed_as_github_does(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """The scheme is the sender's choice."""
    dragops.good("webhook", "send", deployment, "--through-api", "--scheme", "github")

    ((_, _, headers, body),) = api.engine.events
    assert signed_by(Signature(scheme="github"), [b"a1b2"], headers, body, now=0) == 0


def test_the_table_of_endpoints_hides_their_secrets(dragops: Command, deployment: str) -> None:
    """Tables end up on screens that others see."""
    listed = dragops.good("webhook", "list", deployment, "-o", "wide")

    assert "hidden" in listed.out
    assert "a1b2" not in listed.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--endpoint", "nope"), 3, "webhook endpoint 'nope' does not exist"),
        (("--header", "no colon"), 2, "is not 'Name: value'"),
        (("--header", "X-A: b\r\nX-C: d"), 2, "is not 'Name: value'"),
        (("--data", "@/nowhere"), 2, "No such file"),
        (("--method", "TRACE"), 2, "TRACE"),
    ],
)
def test_a_webhook_that_cannot_be_sent_is_told(
    api: ServedApi, dragops: Command, deployment: str, words: tuple[str, ...], code: int, told: str
) -> None:
    """Nothing is sent."""
    ran = dragops("webhook", "send", deployment, *words)

    assert ran.code == code
    assert told in ran.err
    assert api.engine.events == []


def test_a_secret_that_one_may_not_see_comes_from_the_environment(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """It is never asked for on the command line."""
    api.door.cluster.allowed = lambda spec: (
        spec["resourceAttributes"].get("subresource") != "secrets"
    )

    refused = dragops("webhook", "send", deployment, "--through-api")
    dragops.good("webhook", "send", deployment, "--through-api", DRAGOPS_WEBHOOK_SECRET="a1b2")

    assert refused.code == 4
    assert "DRAGOPS_WEBHOOK_SECRET" in refused.err
    assert len(api.engine.events) == 1


def test_a_right_that_is_missing_ends_with_4(api: ServedApi, dragops: Command) -> None:
    """The message names verb, resource and workspace."""
    api.door.cluster.allowed = lambda spec: spec["resourceAttributes"]["verb"] != "list"

    ran = dragops("patterns", "list")

    assert ran.code == 4
    assert "may not list patterns in workspace 'team-a' (FORBIDDEN)" in ran.err


def test_the_health_summary_is_a_page_or_data(dragops: Command, deployment: str) -> None:
    """It has no names."""
    assert "Engines              connected\n" in dragops.good("health", "-A").out
    assert dragops.good("health", "-o", "json").json["deployments"]["active"] == 1
    ran = dragops("health", "-o", "name")
    assert (ran.code, ran.err) == (2, "Error: --output: name: what is shown here has no names\n")


def test_a_run_is_repeated_and_waited_for(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """It ends the command as an execution does; one that goes on is refused."""
    ended, going = _seed(api, deployment, 1, status="failed"), _seed(api, deployment, 2)
    api.engine.execute_answer = {"runId": "run_new", "status": "failed", "error": FAILURE}

    again = dragops("runs", "retry", ended)
    refused = dragops("runs", "retry", going)

    assert again.code == 1
    assert again.out.startswith("run_new failed: ParseError: not JSON (node parse, line 7)")
    assert (refused.code, "(CONFLICT)" in refused.err) == (1, True)


def test_a_run_is_cancelled_or_it_is_told_why_not(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """Lost by its engine, still going on, or ended before."""
    going, stubborn = _seed(api, deployment, 1), _seed(api, deployment, 2)
    ended = _seed(api, deployment, 3, status="completed")

    api.engine.cancel_status, api.engine.cancel_answer = 202, {"status": "running"}
    late = dragops("runs", "cancel", stubborn, "--timeout", "1s")
    api.engine.cancel_status, api.engine.cancel_answer = 404, {"code": "RUN_NOT_FOUND"}
    recording = threading.Timer(0.3, lambda: _seed(api, deployment, 1, status="cancelled"))
    recording.start()
    recorded = dragops.good("runs", "cancel", going)
    recording.join()
    refused = dragops("runs", "cancel", ended)

    assert (late.code, "has not stopped in time" in late.err) == (5, True)
    assert recorded.out == f"{going} is cancelled.\n"
    assert "No engine had it" in recorded.err
    assert (refused.code, "(CONFLICT)" in refused.err) == (1, True)
