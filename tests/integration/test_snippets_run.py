"""Snippets as people run them, by curl, Python and Node, against an engine and a recorder."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragops.history.database import reading
from dragops.history.queries import RunQueries
from dragops.model.deployment import Signature
from dragops_api.snippets.samples import VARIABLE, SampleCall, sample_programs
from support.folder import SECRET, SignedFolder, webhook_id
from support.processes import Rig, running_rig

pytestmark = pytest.mark.timeout(150)

PATTERN = {
    "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "log", "type": "Log"}],
    "wires": [{"from": "hook.exec", "to": "log.exec"}],
}
ODD = 'it\'s "odd" `id` $(touch pwned) $HOME \\ } %s \u00e9'
ENDPOINTS = {
    "dep-plain": (Signature(), SECRET),
    "dep-strict": (Signature(require_timestamp=True), SECRET),
    "dep-git": (Signature(scheme="github"), SECRET),
    "dep-odd": (Signature(), ODD),
}
"""By deployment: how its endpoint wants to be called."""
PROGRAMS = {
    "dash": ("curl", ["dash"]),
    "bash": ("curl", ["bash"]),
    "python": ("python", ["python3", "-I"]),
    "node": ("javascript", ["node", "--input-type=module"]),
}
"""Each is read from standard input, so that no file name says what it is."""
BODIES = {
    "plain": '{"message": "Hello, main"}',
    "hostile": '{"m": "it\'s \\"quoted\\" `id` $(touch pwned) ${HOME} {{url}} %s \\\\ \u2019"}',
    "spaced": '{\r\n\t"message":   "\u00e9\U0001f600"\n}\n',
}
_RUN_ID = r"run_[0-9a-f]{32}"
ODD_QUERY = "?q=it's\"$(touch+pwned)`id`{a,b}[1-2]"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    place = tmp_path_factory.mktemp("snippets")
    folder = SignedFolder(place / "live")
    for name, (signature, secret) in ENDPOINTS.items():
        folder.deploy(PATTERN, name, signature=signature, texts={"hook.secret": secret})
    with running_rig(place, folder) as running:
        yield running


def _call(rig: Rig, deployment: str, *, query: str = "", **changed: Any) -> SampleCall:
    signature, secret = ENDPOINTS[deployment]
    url = f"{rig.public_url}/webhooks/{webhook_id(deployment, 'hook')}{query}"
    given = {"method": "POST", "body": BODIES["plain"], "secret": secret} | changed
    return SampleCall(scheme=signature.scheme, url=url, **given)


def _ran(call: SampleCall, how: str, place: Path, **env: str) -> tuple[int, str]:
    """Run a snippet in an empty folder; give its exit code and all that it said."""
    language, command = PROGRAMS[how]
    ran = subprocess.run(
        command,
        input=sample_programs(call)[language],
        cwd=place,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(place)} | env,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert list(place.iterdir()) == [], "a value was run as a command"
    return ran.returncode, ran.stdout + ran.stderr


def _event(rig: Rig, told: str) -> dict[str, Any]:
    """Give the event that is stored for the run that a snippet has told of."""
    found = re.search(_RUN_ID, told)
    assert found, told
    event: dict[str, Any] = RunQueries(reading(rig.store)).get_run("team-a", found[0]).event_data
    return event


@pytest.mark.parametrize("how", PROGRAMS)
@pytest.mark.parametrize("deployment", ENDPOINTS)
@pytest.mark.parametrize("body", BODIES)
def test_a_snippet_is_accepted_as_it_is(
    rig: Rig, tmp_path: Path, how: str, deployment: str, body: str
) -> None:
    """The endpoint has checked the signature of the very bytes; the run holds what was sent."""
    code, told = _ran(_call(rig, deployment, body=BODIES[body]), how, tmp_path)

    assert code == 0, told
    event = _event(rig, told)
    assert event["body"] == json.loads(BODIES[body])
    assert event["headers"]["content-length"] == str(len(BODIES[body].encode()))


@pytest.mark.parametrize("how", PROGRAMS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("deployment", ["dep-strict", "dep-git"])
def test_a_snippet_uses_its_method(
    rig: Rig, tmp_path: Path, how: str, method: str, deployment: str
) -> None:
    """A GET has no body, and the signature says so."""
    body = "" if method == "GET" else BODIES["plain"]

    code, told = _ran(_call(rig, deployment, method=method, body=body), how, tmp_path)

    assert code == 0, told
    event = _event(rig, told)
    assert (event["method"], event["body"]) == (method, json.loads(body or "{}"))


@pytest.mark.parametrize("how", PROGRAMS)
def test_an_odd_address_is_called_and_not_run(rig: Rig, tmp_path: Path, how: str) -> None:
    """Quotes, commands and curl's own patterns are part of the URL."""
    code, told = _ran(_call(rig, "dep-plain", query=ODD_QUERY), how, tmp_path)

    assert code == 0, told
    assert _event(rig, told)["query"] == {"q": "it's\"$(touch pwned)`id`{a,b}[1-2]"}


@pytest.mark.parametrize("how", PROGRAMS)
@pytest.mark.parametrize("default", ["not the secret", None])
def test_the_variable_comes_before_the_default(
    rig: Rig, tmp_path: Path, how: str, default: str | None
) -> None:
    """Who may not see the secret, or keeps another one, sets it."""
    call = _call(rig, "dep-odd", secret=default)

    code, told = _ran(call, how, tmp_path, **{VARIABLE: ODD})

    assert code == 0, told
    assert _event(rig, told)["body"] == json.loads(BODIES["plain"])


@pytest.mark.parametrize("how", PROGRAMS)
def test_without_any_secret_it_says_what_to_set(rig: Rig, tmp_path: Path, how: str) -> None:
    """And sends nothing."""
    code, told = _ran(_call(rig, "dep-plain", secret=None), how, tmp_path)

    assert code != 0
    assert f"Set {VARIABLE} to the signing secret of this webhook" in told
    assert not re.search(_RUN_ID, told)


@pytest.mark.parametrize("how", PROGRAMS)
def test_a_refusal_is_shown_and_is_a_failure(rig: Rig, tmp_path: Path, how: str) -> None:
    """A script that calls it can tell."""
    code, told = _ran(_call(rig, "dep-plain", secret="not the secret"), how, tmp_path)

    assert code != 0
    assert "UNAUTHENTICATED" in told
