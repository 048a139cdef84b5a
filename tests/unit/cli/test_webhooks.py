"""Webhook endpoints from the command line: renewed, called from programs, captured."""

import subprocess
import sys

import pytest

from support.command import Command
from support.product import LOGGER, graph
from support.served_api import ServedApi

TWO = graph(
    {
        "one": ("OnWebhook", {"webhookAlias": "first"}),
        "two": ("OnWebhook", {"webhookAlias": "second"}),
        "log": ("Log", {"message": "hi"}),
    },
    "one.exec -> log.exec",
    "two.exec -> log.exec",
)


@pytest.fixture
def deployment(api: ServedApi) -> str:
    """A deployment with a webhook."""
    return api.behind(lambda door: door.deployed(LOGGER))[1]


def test_a_new_secret_is_what_stdout_has(dragops: Command, deployment: str) -> None:
    """A script puts it where the sender finds it."""
    before = dragops.good("webhook", "list", deployment, "-o", "json").json[0]["webhookSecret"]

    renewed = dragops.good("webhook", "regenerate", deployment, "--grace", "1h").out.strip()
    again = dragops.good("webhook", "regenerate", deployment, "-o", "json").json

    now = dragops.good("webhook", "list", deployment, "-o", "json").json[0]["webhookSecret"]
    assert again == {"webhookSecret": now}
    assert len({before, renewed, now}) == 3


def test_a_secret_that_engines_have_not_confirmed_is_not_shown(
    api: ServedApi, dragops: Command, deployment: str
) -> None:
    """It would be refused; the present one stays until they have."""
    api.door.operator.is_deaf = True

    ran = dragops("webhook", "regenerate", deployment, "--timeout", "1s")

    assert ran.code == 5
    assert "have not confirmed the new secret" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--grace", "8d"), 1, "(VALIDATION)"),
        (("--grace", "soon"), 2, "--grace"),
        (("--endpoint", "wep_none"), 3, "does not exist"),
    ],
)
def test_a_renewal_that_cannot_be_is_told(
    dragops: Command, deployment: str, words: tuple[str, ...], code: int, told: str
) -> None:
    """Nothing changes."""
    before = dragops.good("webhook", "list", deployment, "-o", "json").json

    ran = dragops("webhook", "regenerate", deployment, *words)

    assert (ran.code, told in ran.err) == (code, True)
    assert dragops.good("webhook", "list", deployment, "-o", "json").json == before


def test_a_snippet_runs_as_it_is_shown(api: ServedApi, dragops: Command, deployment: str) -> None:
    """Python needs nothing that is not there; the endpoint's URL is put in its place."""
    url = dragops.good("webhook", "list", deployment, "-o", "json").json[0]["webhookUrl"]
    shown = dragops.good("webhook", "snippets", deployment, "--language", "python").out

    program = shown.replace(url, f"{api.url}/webhooks/{url.rpartition('/')[2]}")
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert len(api.engine.events) == 1
    everything = dragops.good("webhook", "snippets", deployment, "-o", "json").json
    assert sorted(everything) == ["curl", "javascript", "pwsh", "python"]


def test_where_there_are_several_endpoints_one_has_to_be_named(
    api: ServedApi, dragops: Command
) -> None:
    """By id, node or alias."""
    deployment = api.behind(lambda door: door.deployed(TWO))[1]

    unnamed = dragops("webhook", "snippets", deployment)
    named = dragops.good("webhook", "snippets", deployment, "--endpoint", "two")

    assert unnamed.code == 2
    assert "wep_one (node one), wep_two (node two)" in unnamed.err
    assert "curl" in named.out


def test_the_same_header_is_sent_once(api: ServedApi, dragops: Command, deployment: str) -> None:
    """What is typed comes before what the command would say."""
    dragops.good(
        *("webhook", "send", deployment, "--through-api", "--data", "hello"),
        *("-H", "Content-Type: text/plain", "-X", "PUT"),
    )

    ((method, _, headers, body),) = api.engine.events
    assert (method, headers["content-type"], body) == ("PUT", "text/plain", b"hello")


def test_captured_events_are_listed(api: ServedApi, dragops: Command, deployment: str) -> None:
    """What the engines remember; they may have nothing."""
    name = deployment.replace("_", "-", 1)
    uid = api.door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    none = dragops.good("webhook", "captured", deployment)
    api.engine.captured[uid] = [
        {"nodeId": "hook", "at": "2026-03-05T12:00:00.029Z", "event": {"body": {"a": 1}}}
    ]

    shown = dragops.good("webhook", "captured", deployment)

    assert (none.out, none.err) == ("", "Nothing was captured.\n")
    assert '{"body": {"a": 1}}' in shown.out
