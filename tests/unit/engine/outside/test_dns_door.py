"""DNS Lookup against a real name server: what it tells, and what it must not."""

import pytest

from dragops.engine.outside.dns import records
from dragops.engine.outside.egress import read_policy
from dragops.engine.outside.hosts import Hosts
from dragops.errors import RunFailure
from dragops.nodes.outside import Records
from support.dns_server import TTL, NameServer, Zone, name_server
from support.http_door import Answers

ZONE: Zone = {
    ("a.test.", "A"): ["93.184.215.14", "1.1.1.1"],
    ("a.test.", "AAAA"): ["2606:4700::1111"],
    ("a.test.", "CAA"): ['0 issue "ca.test."'],
    ("a.test.", "MX"): ["10 mail.a.test.", "5 b.test."],
    ("a.test.", "NS"): ["ns1.a.test."],
    ("a.test.", "SOA"): ["ns1.a.test. host.a.test. 1 7200 900 1209600 86400"],
    ("a.test.", "TXT"): ['"v=spf1 " "-all."', '"é"'],
    ("none.test.", "MX"): ["0 ."],
    ("www.a.test.", "CNAME"): ["a.test."],
    ("_sip._tcp.a.test.", "SRV"): ["0 5 5060 sip.a.test."],
    ("xn--exmple-cua.test.", "A"): ["1.1.1.1"],
    ("1.1.1.1.in-addr.arpa.", "PTR"): ["one.test."],
    (f"{'1.' * 4}{'0.' * 20}0.0.7.4.6.0.6.2.ip6.arpa.", "PTR"): ["six.test."],
    ("7.0.0.10.in-addr.arpa.", "PTR"): ["secret.team-b.svc.cluster.local."],
    ("inner.test.", "A"): ["10.0.0.7"],
    ("mixed.test.", "A"): ["10.0.0.7", "1.1.1.1"],
    ("2.0.0.127.list.test.", "A"): ["127.0.0.2"],
}


async def ask(name: str, kind: str, allowed: str = "") -> tuple[Records | None, NameServer]:
    async with name_server(ZONE) as (served, resolver):
        hosts = Hosts(read_policy(allowed), Answers(""))
        return await records(name, kind, 2.0, hosts, resolver), served


@pytest.mark.parametrize(
    ("name", "kind", "texts"),
    [
        ("a.test", "A", ["1.1.1.1", "93.184.215.14"]),
        ("A.Test.", "AAAA", ["2606:4700::1111"]),
        ("a.test", "CAA", ['0 issue "ca.test."']),
        ("a.test", "MX", ["10 mail.a.test", "5 b.test"]),
        ("a.test", "NS", ["ns1.a.test"]),
        ("a.test", "SOA", ["ns1.a.test host.a.test 1 7200 900 1209600 86400"]),
        ("a.test", "TXT", ["v=spf1 -all.", "é"]),
        ("none.test", "MX", ["0 ."]),
        ("www.a.test", "CNAME", ["a.test"]),
        ("_sip._tcp.a.test", "SRV", ["0 5 5060 sip.a.test"]),
        ("exämple.test", "A", ["1.1.1.1"]),
        (" 1.1.1.1 ", "PTR", ["one.test"]),
        (" 2606:4700::1111 ", "PTR", ["six.test"]),
        ("2.0.0.127.list.test", "A", ["127.0.0.2"]),
        ("mixed.test", "A", ["1.1.1.1"]),
    ],
)
async def test_records_are_as_zone_files_write_them(name: str, kind: str, texts: list[str]) -> None:
    """Sorted, names without the last dot, TXT joined and without quotes; with their TTL."""
    found, _ = await ask(name, kind)

    assert found == Records(texts, TTL)


@pytest.mark.parametrize(("name", "kind"), [("gone.test", "A"), ("www.a.test", "MX")])
async def test_no_such_name_and_no_such_record_are_no_failure(name: str, kind: str) -> None:
    found, _ = await ask(name, kind)

    assert found is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("inner.test", "A"),
        ("redis.team-a.svc.cluster.local", "A"),
        ("redis", "A"),
        ("10.0.0.7", "PTR"),
        ("169.254.169.254", "PTR"),
    ],
)
async def test_what_the_policy_refuses_is_not_told(name: str, kind: str) -> None:
    """Neither addresses behind private names nor names behind private addresses."""
    with pytest.raises(RunFailure, match="egress policy") as caught:
        await ask(name, kind)

    assert caught.value.type == "HttpError"
    assert "10.0.0.7" not in caught.value.message.replace(name, "")
    assert "secret" not in str(caught.value)


async def test_what_is_allowed_is_told() -> None:
    """By its name, or by its network."""
    by_name, _ = await ask("inner.test", "A", allowed="inner.test")
    by_network, _ = await ask("10.0.0.7", "PTR", allowed="10.0.0.0/8")

    assert by_name == Records(["10.0.0.7"], TTL)
    assert by_network == Records(["secret.team-b.svc.cluster.local"], TTL)


async def test_a_name_is_asked_for_as_it_is() -> None:
    """Without the search domains of the machine."""
    _, served = await ask("a.test", "A")

    assert served.asked == ["a.test. A"]


async def test_a_server_that_fails_is_an_http_error() -> None:
    with pytest.raises(RunFailure, match=r"no answer for 'fails\.test'") as caught:
        await ask("fails.test", "A")

    assert caught.value.type == "HttpError"


async def test_a_server_that_is_silent_is_a_timeout() -> None:
    async with name_server(ZONE) as (_, resolver):
        hosts = Hosts(read_policy(""), Answers(""))
        with pytest.raises(RunFailure) as caught:
            await records("silent.test", "A", 0.2, hosts, resolver)

    assert caught.value.type == "TimeoutError"
    assert "0.2 s" in caught.value.message


@pytest.mark.parametrize(
    ("name", "kind", "type_"),
    [("a.test", "PTR", "ParseError"), ("a..b", "A", "HttpError"), ("1.2.3", "A", "HttpError")],
)
async def test_what_cannot_be_asked_for_is_said_so(name: str, kind: str, type_: str) -> None:
    with pytest.raises(RunFailure) as caught:
        await ask(name, kind)

    assert caught.value.type == type_
