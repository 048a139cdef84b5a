"""Which secrets are good when, and what the door makes of it."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragops.engine.signing_secrets import SigningSecrets, signing_secrets
from dragops.errors import NotFound
from dragops.model.bundle import Live
from dragops.model.deployment import Signature
from dragops.model.run import iso
from support.engine_in_process import Served, serving, signed_headers
from support.folder import SECRET, SignedFolder, endpoint, webhook_id
from support.programs import program

ROTATED_AT, ROTATED = "2026-03-05T12:00:00.000Z", 1_772_712_000.0
OLD = "01d" * 20


def live(grace: int) -> Live:
    return Live(
        namespace="team-a",
        deployment="dep-a",
        uid="u",
        serial=1,
        state="active",
        pattern="p",
        endpoints=(endpoint("dep-a", "hook", Signature(), grace),),
    )


def texts(**more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): text for name, text in more.items()}
    return {f"hook.{part}": text for part, text in {"secret": "new", **named}.items()}


@pytest.mark.parametrize(
    ("grace", "stored", "now", "good"),
    [
        (60, texts(previous="old", rotated_at=ROTATED_AT), ROTATED, (b"new", b"old")),
        (60, texts(previous="old", rotated_at=ROTATED_AT), ROTATED + 59.9, (b"new", b"old")),
        (60, texts(previous="old", rotated_at=ROTATED_AT), ROTATED + 60, (b"new",)),
        (0, texts(previous="old", rotated_at=ROTATED_AT), ROTATED, (b"new",)),
        (60, texts(previous="", rotated_at=ROTATED_AT), ROTATED, (b"new",)),
        (60, texts(previous="old", rotated_at=""), ROTATED, (b"new",)),
        (60, texts(previous="old", rotated_at="soon"), ROTATED, (b"new",)),
        (60, texts(), ROTATED, (b"new",)),
        (60, texts(secret="new\n"), ROTATED, (b"new",)),
    ],
)
def test_the_previous_secret_is_good_until_its_end(
    grace: int, stored: dict[str, str], now: float, good: tuple[bytes, ...]
) -> None:
    """The bundle says how long, the Secret since when; what makes no sense is no secret."""
    assert signing_secrets(live(grace), stored)["hook"].good_at(now) == good


@pytest.mark.parametrize(
    "stored", [{}, texts(secret=""), texts(secret=" \n"), {"other.secret": "x"}]
)
def test_an_endpoint_without_a_secret_is_told(stored: dict[str, str]) -> None:
    """By the Secret's name and the node: an empty secret would let everybody in."""
    with pytest.raises(NotFound, match="dep-a-endpoints/hook"):
        signing_secrets(live(0), stored)


def test_secrets_are_not_shown() -> None:
    """A log line or a failed test that holds one must not tell it."""
    assert repr(SigningSecrets(b"new", b"old", 1.0)) == "SigningSecrets(previous_until=1.0)"


async def _answers(served: Served) -> tuple[int, int]:
    """Send with the present secret, and with the one before."""
    sent = [await _sent(served, secret) for secret in (SECRET, OLD)]
    return sent[0].status_code, sent[1].status_code


async def _sent(served: Served, secret: str) -> httpx.Response:
    path, headers = f"/webhooks/{webhook_id('dep-a', 'hook')}", signed_headers(b"{}", secret=secret)
    return await served.public.post(path, content=b"{}", headers=headers)


def _rotated(seconds_ago: float) -> dict[str, str]:
    at = iso(datetime.fromtimestamp(time.time() - seconds_ago, UTC))
    return {"hook.previous": OLD, "hook.rotated-at": at}


@pytest.mark.parametrize(
    ("seconds_ago", "grace", "answers"),
    [(0, 600, (202, 202)), (601, 600, (202, 401)), (0, 0, (202, 401))],
)
async def test_the_door_takes_both_secrets_for_a_while(
    tmp_path: Path, seconds_ago: float, grace: int, answers: tuple[int, int]
) -> None:
    """An expired one is refused at once, although it is still stored."""
    folder = SignedFolder(tmp_path / "live")
    folder.deploy_program(
        program("pass"), texts=_rotated(seconds_ago), previous_secret_seconds=grace
    )
    async with serving(tmp_path, folder) as served:
        assert await _answers(served) == answers


async def test_the_end_comes_without_anybody_writing(tmp_path: Path) -> None:
    """The clock alone takes the previous secret away; the metrics have counted its use."""
    folder = SignedFolder(tmp_path / "live")
    folder.deploy_program(program("pass"), texts=_rotated(0), previous_secret_seconds=600)
    async with serving(tmp_path, folder) as served:
        before = await _answers(served)
        ending: dict[str, Any] = {"texts": _rotated(598), "previous_secret_seconds": 600}
        folder.deploy_program(program("pass"), serial=2, **ending)
        await served.obeys("dep-a", 2)
        while (await _sent(served, OLD)).status_code == 202:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.02)
        metrics = (await served.internal.get("/metrics")).text

        assert before == (202, 202)
        assert await _answers(served) == (202, 401)
        told = "dragops_engine_webhooks_previous_secret_total"
        assert f'{told}{{deployment="dep-a"}} ' in metrics


async def test_a_rotation_is_obeyed_by_a_running_engine(tmp_path: Path) -> None:
    """The new bundle makes it read the secrets again; before that the old one is good."""
    folder = SignedFolder(tmp_path / "live")
    old: dict[str, Any] = {"texts": {"hook.secret": OLD}}
    folder.deploy_program(program("pass"), **old)
    async with serving(tmp_path, folder) as served:
        before = await _answers(served)
        folder.deploy_program(
            program("pass"), serial=2, texts=_rotated(0), previous_secret_seconds=600
        )
        await served.obeys("dep-a", 2)
        during = await _answers(served)
        folder.deploy_program(program("pass"), serial=3)
        await served.obeys("dep-a", 3)

        assert (before, during, await _answers(served)) == ((401, 202), (202, 202), (202, 401))
