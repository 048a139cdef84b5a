"""Plans for webhook endpoints: who gets which ids and which secret, and when it is another one."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from dragops.model.endpoints import EndpointKeys
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.reconcile.observed import Observed, Plan
from dragops_operator.resources.owned import Object
from support.observed import (
    FACTS,
    HOOKED,
    LATER,
    NOW,
    carried_out,
    minted,
    seen,
    seen_pattern,
    wanting,
)

MUCH_LATER = "2026-03-06T12:00:00.000Z"


def _plan(observed: Observed) -> Plan:
    return plan_deployment(observed, FACTS)


def _settled(observed: Observed) -> Observed:
    """Carry out what is planned and let the engines obey; the next chance is another one."""
    observed = carried_out(observed, _plan(observed))
    serial = observed.deployment.status.serial
    observed = replace(observed, confirmed_serial=serial, minted=minted("9"))
    return carried_out(observed, _plan(observed))


def _keys(observed: Observed) -> EndpointKeys:
    return observed.endpoints["hook"]


def _rotating(number: int | None, seconds: int = 0) -> list[dict[str, Any]]:
    wish = {"nodeId": "hook", "secretRotation": number, "previousSecretSeconds": seconds}
    return [wish if number is not None else wish | {"secretRotation": None}]


def _rotated(seconds: int = 0) -> Observed:
    """Give a settled deployment whose secret is the second one, made at NOW."""
    first = _settled(seen(HOOKED))
    asked = wanting(first, webhooks=_rotating(1, seconds))
    return _settled(replace(asked, minted=minted("2")))


def _edited(observed: Observed, **parts: str | None) -> Observed:
    """Edit the Secret by hand: set parts of the node ``hook``, or take them away."""
    texts = {f"hook.{name.replace('_', '-')}": text for name, text in parts.items()}

    def edited(child: Object) -> Object:
        if child["kind"] != "Secret":
            return child
        coded = {
            k: base64.b64encode(t.encode()).decode() for k, t in texts.items() if t is not None
        }
        left = {k: v for k, v in child["data"].items() if k not in texts}
        return child | {"data": left | coded}

    children = tuple(edited(child) for child in observed.children)
    keys = replace(_keys(observed), **{name: (text or "").strip() for name, text in parts.items()})
    return replace(observed, children=children, endpoints={"hook": keys})


def _is_settled(observed: Observed) -> bool:
    plan = _plan(observed)
    return not plan.writes and plan.status == observed.deployment.status


def test_a_new_endpoint_gets_its_keys_once() -> None:
    """Another chance changes nothing any more."""
    settled = _settled(seen(HOOKED))

    assert _keys(settled) == EndpointKeys(
        "whk_" + "1" * 26, "wep_" + "1" * 10, "secret-1", rotation="0"
    )
    assert _is_settled(replace(settled, minted=minted("3"), now=LATER))


def test_a_new_number_makes_a_new_secret_at_the_same_address() -> None:
    """Engines are told by a bundle with another mark; without grace nothing of the old is kept."""
    before, after = _settled(seen(HOOKED)), _rotated()

    assert _keys(after) == replace(_keys(before), secret="secret-2", rotation="1")
    assert before.live is not None
    assert after.live is not None
    assert after.live.endpoints[0].secret_mark != before.live.endpoints[0].secret_mark
    assert after.live.serial == before.live.serial + 1
    assert after.deployment.status.webhooks == before.deployment.status.webhooks
    assert _is_settled(after)


@pytest.mark.parametrize("number", [0, 7])
def test_any_other_number_is_a_new_one(number: int) -> None:
    """Also a lower one: whoever writes a number wants a new secret."""
    asked = replace(wanting(_rotated(), webhooks=_rotating(number)), minted=minted("3"))

    assert _keys(_settled(asked)).secret == "secret-3"


def test_taking_the_number_away_keeps_the_secret() -> None:
    """A manifest that says nothing about it must not lock senders out."""
    rotated = _rotated()
    silent = replace(wanting(rotated, webhooks=[]), minted=minted("3"))

    assert _keys(_settled(silent)) == _keys(rotated)


def test_with_grace_the_previous_secret_is_kept_with_its_beginning() -> None:
    """How long stands in the bundle, signed; from when stands in the Secret."""
    rotated = _rotated(3600)

    keys = _keys(rotated)
    assert (keys.secret, keys.previous, keys.rotated_at) == ("secret-2", "secret-1", NOW)
    assert rotated.live is not None
    assert rotated.live.endpoints[0].previous_secret_seconds == 3600
    assert _is_settled(replace(rotated, now=LATER))


def test_an_expired_previous_secret_goes_and_nothing_else_is_written() -> None:
    """No status, no bundle: the end follows from the clock, and engines know it by themselves."""
    rotated = replace(_rotated(3600), now=MUCH_LATER)

    plan = _plan(rotated)

    assert [child["kind"] for child in plan.applies] == ["Secret"]
    assert plan.status == rotated.deployment.status
    after = carried_out(rotated, plan)
    assert (_keys(after).secret, _keys(after).previous) == ("secret-2", "")
    assert _is_settled(after)


def test_a_second_rotation_keeps_only_the_latest_previous_secret() -> None:
    """Two at a time are good, never three."""
    asked = wanting(_rotated(3600), webhooks=_rotating(2, 3600))

    again = _settled(replace(asked, minted=minted("3"), now=LATER))

    keys = _keys(again)
    assert (keys.secret, keys.previous, keys.rotated_at) == ("secret-3", "secret-2", LATER)


def test_shortening_the_grace_ends_it_and_lengthening_it_prolongs_it() -> None:
    """A leaked secret is taken back by writing 0; the new secret stays."""
    rotated = replace(_rotated(3600), now=LATER)

    ended = _settled(wanting(rotated, webhooks=_rotating(1, 0)))
    prolonged = _settled(wanting(rotated, webhooks=_rotating(1, 86_401)))

    assert (_keys(ended).secret, _keys(ended).previous) == ("secret-2", "")
    assert ended.live is not None
    assert ended.live.endpoints[0].previous_secret_seconds == 0
    assert _keys(replace(prolonged, now=MUCH_LATER)).previous == "secret-1"
    assert _is_settled(replace(prolonged, now=MUCH_LATER))


def test_a_deleted_secret_comes_back_with_its_ids_and_engines_read_it_again() -> None:
    """The secret itself is lost; the number stays dealt with."""
    rotated = _rotated(3600)
    left = tuple(child for child in rotated.children if child["kind"] != "Secret")
    lost = replace(rotated, children=left, endpoints={}, minted=minted("3"))

    healed = _settled(lost)

    assert _keys(healed) == EndpointKeys(
        "whk_" + "1" * 26, "wep_" + "1" * 10, "secret-3", rotation="1"
    )
    assert healed.deployment.status.webhooks == rotated.deployment.status.webhooks
    assert healed.deployment.status.serial == rotated.deployment.status.serial + 1
    assert _is_settled(healed)


@pytest.mark.parametrize(
    "parts",
    [
        {"webhook_id": "whk_" + "z" * 26},
        {"webhook_id": None, "endpoint_id": "mine"},
        {"rotation": None},
        {"rotation": "many"},
        {"rotation": "9" * 5000},
        {"previous": None},
        {"rotated_at": "yesterday"},
    ],
)
def test_an_edited_secret_is_made_whole_without_a_new_secret(parts: dict[str, str | None]) -> None:
    """Ids come from what was signed; engines need not hear of it."""
    rotated = _rotated(3600)

    plan = _plan(_edited(rotated, **parts))

    assert [child["kind"] for child in plan.applies] == ["Secret"]
    healed = carried_out(rotated, plan)
    kept = _keys(rotated)
    previous = "secret-1" if not parts.keys() & {"previous", "rotated_at"} else ""
    assert _keys(healed) == replace(
        kept, previous=previous, rotated_at=kept.rotated_at if previous else ""
    )
    assert _is_settled(healed)


def test_a_grace_that_begins_in_the_future_begins_now() -> None:
    """Else a year set by hand would keep the old secret for as long."""
    rotated = _rotated(3600)

    healed = _settled(_edited(rotated, rotated_at="2999-01-01T00:00:00.000Z"))

    assert _keys(healed) == _keys(rotated)


@pytest.mark.parametrize("text", [None, " \n"])
def test_an_edit_that_leaves_no_secret_makes_a_new_one(text: str | None) -> None:
    """An endpoint is never without one."""
    healed = _settled(_edited(_settled(seen(HOOKED)), secret=text))

    assert _keys(healed).secret == "secret-9"
    assert _is_settled(healed)


def test_a_secret_that_was_set_by_hand_is_taken_over() -> None:
    """Engines are told to read it; white space around it, as echo makes it, is not part of it."""
    settled = _settled(seen(HOOKED))

    healed = _settled(_edited(settled, secret="my own\n"))

    assert _keys(healed) == replace(_keys(settled), secret="my own")
    assert healed.deployment.status.serial == settled.deployment.status.serial + 1
    assert _is_settled(healed)


def test_ids_survive_a_lost_status_and_a_lost_bundle() -> None:
    """A restored backup brings the Secret, but no status."""
    settled = _settled(seen(HOOKED))
    fresh = seen(HOOKED)
    restored = replace(
        fresh, endpoints=settled.endpoints, minted=minted("3"), children=settled.children[:1]
    )

    assert _keys(_settled(restored)) == _keys(settled)


def test_an_address_that_cannot_be_one_is_not_taken_from_the_secret() -> None:
    """It would stand in every URL; nothing was given out yet, so a new one is made."""
    odd = EndpointKeys("whk_../../x", "wep_" + "4" * 10, "secret-4")

    settled = _settled(replace(seen(HOOKED), endpoints={"hook": odd}))

    assert _keys(settled).webhook_id == "whk_" + "1" * 26
    assert _keys(settled).secret == "secret-4"


def test_the_keys_of_a_removed_node_wait_for_its_return() -> None:
    """The URL is the same when the node comes back; a rotation meanwhile is made up for then."""
    ticking = {
        "nodes": [
            {"id": "tick", "type": "OnSchedule", "values": {"schedule": "0 9 * * 1"}},
            {"id": "log", "type": "Log"},
        ],
        "wires": [{"from": "tick.exec", "to": "log.exec"}],
    }
    first = _settled(seen({**HOOKED, "nodes": [*HOOKED["nodes"], ticking["nodes"][0]]}))
    without = _settled(replace(first, pattern=seen_pattern(ticking, generation=2)))
    back = _settled(replace(without, pattern=seen_pattern(HOOKED, generation=3)))

    assert without.live is not None
    assert without.live.endpoints == ()
    assert _keys(back) == _keys(first)


def test_what_is_not_looked_at_is_not_judged() -> None:
    """Copies hold no Secret: a settled deployment stays settled without one."""
    settled = _settled(seen(HOOKED))
    left = tuple(child for child in settled.children if child["kind"] != "Secret")

    assert _is_settled(
        replace(settled, is_secret_seen=False, children=left, endpoints={}, minted={})
    )
