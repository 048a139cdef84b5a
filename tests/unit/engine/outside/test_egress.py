"""The egress policy: which hosts and addresses a program may connect to."""

from ipaddress import ip_address

import pytest

from dragops.engine.outside.doors import doors
from dragops.engine.outside.egress import EgressPolicy, read_policy
from dragops.engine.outside.hosts import Hosts, SystemLookup, host_name
from dragops.errors import RunFailure

PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "224.0.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


class Names:
    """A name service that a test fills; it remembers what it was asked."""

    def __init__(self, **known: list[str]) -> None:
        self.known = {name.replace("_", "."): found for name, found in known.items()}
        self.asked: list[str] = []

    async def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        found = self.known.get(name.rstrip("."))
        if found is None:
            raise OSError(-2, "Name or service not known")
        return found


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_allowed(address: str) -> None:
    """Also where IPv6 stands for an address of IPv4."""
    assert EgressPolicy().allows("example.com", ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_the_internet_is_refused(address: str) -> None:
    """Private, loopback, link-local, metadata, multicast, reserved, and each in its disguises."""
    assert not EgressPolicy().allows("example.com", ip_address(address))


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("10.20.0.0/16", "10.20.3.4"),
        ("10.20.3.4/16", "10.20.0.1"),
        ("10.20.3.4", "10.20.3.4"),
        ("10.20.3.4", "::ffff:10.20.3.4"),
        ("192.168.0.0/16, fd00:1::/32", "fd00:1::5"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_an_allowed_network_is_open(allowed: str, address: str) -> None:
    """However its bits and blanks are written."""
    assert read_policy(allowed).allows("example.com", ip_address(address))


def test_an_allowed_network_opens_nothing_beside_it() -> None:
    """The neighbours stay closed."""
    policy = read_policy("10.20.0.0/16")

    assert not policy.allows("example.com", ip_address("10.21.0.1"))
    assert not policy.allows("example.com", ip_address("::ffff:10.21.0.1"))


@pytest.mark.parametrize("host", ["git.corp.example", "a.b.lab.example", "vault"])
def test_an_allowed_name_opens_private_addresses(host: str) -> None:
    """Exactly that name, or all that are below one with a star."""
    policy = read_policy("Git.Corp.Example, *.lab.example, vault")

    assert policy.allows(host, ip_address("10.0.0.1"))
    assert policy.allows(host, ip_address("1.1.1.1"))


@pytest.mark.parametrize("host", ["evil.git.corp.example", "lab.example", "xlab.example", "vaults"])
def test_a_name_that_is_only_like_an_allowed_one_opens_nothing(host: str) -> None:
    """Neither below it nor beside it."""
    policy = read_policy("git.corp.example, *.lab.example, vault")

    assert not policy.allows(host, ip_address("10.0.0.1"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "::"])
def test_a_name_never_opens_this_machine_or_its_metadata(address: str) -> None:
    """Who answers for the name must not decide on that; a network in the values may."""
    policy = read_policy("git.corp.example")

    assert not policy.allows("git.corp.example", ip_address(address))


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/33",
        "http://a.test",
        "a b",
        "2130706433",
        "0x7f.1",
        "a..b",
        "*",
        "a.test:80",
        "a" * 60 + "!",
    ],
)
def test_what_is_no_network_and_no_name_is_named(text: str) -> None:
    """A slip in the chart's values must not open or close something else."""
    with pytest.raises(ValueError, match="is no network, address or host name"):
        read_policy(f"10.0.0.0/8,{text}")


async def test_only_allowed_addresses_of_a_name_are_given() -> None:
    """Where a name has both kinds, the others are as if they were not there."""
    names = Names(mixed_test=["10.0.0.1", "1.1.1.1", "::1"])

    assert await Hosts(EgressPolicy(), names).addresses("Mixed.Test.") == ["1.1.1.1"]
    assert names.asked == ["mixed.test."]


async def test_a_refusal_names_the_policy_and_no_address() -> None:
    """What a private name means is nothing that a program may learn."""
    hosts = Hosts(EgressPolicy(), Names(inner_test=["10.9.8.7"]))

    with pytest.raises(RunFailure) as caught:
        await hosts.addresses("inner.test")

    assert caught.value.type == "HttpError"
    assert "inner.test" in caught.value.message
    assert "egress policy (chart value engine.egress.allow)" in caught.value.message
    assert "10.9.8.7" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "redis",
        "kubernetes.default.svc",
        "redis.team-a.svc.cluster.local",
        "metadata.google.internal",
        "printer.local",
        "x.localhost",
    ],
)
async def test_names_of_a_cluster_are_not_even_asked_for(host: str) -> None:
    """Their addresses may look public; and who asks learns which services there are."""
    names = Names()

    with pytest.raises(RunFailure, match="egress policy"):
        await Hosts(EgressPolicy(), names).addresses(host)

    assert names.asked == []


async def test_the_search_domains_of_the_cluster_are_for_allowed_names_only() -> None:
    """`redis.team-b` is asked for as a name of the internet, where there is none."""
    names = Names(redis_team=["10.0.0.1"], vault=["10.0.0.2"])
    hosts = Hosts(read_policy("vault"), names)

    assert await hosts.addresses("vault") == ["10.0.0.2"]
    with pytest.raises(RunFailure, match="egress policy"):
        await hosts.addresses("redis.team")

    assert names.asked == ["vault", "redis.team."]


async def test_a_name_of_the_cluster_is_open_where_its_network_is() -> None:
    """And nowhere else, even if its address looks public."""
    names = Names(a_ns_svc=["10.96.0.7"], b_ns_svc=["34.118.224.9"])
    hosts = Hosts(read_policy("10.96.0.0/12"), names)

    assert await hosts.addresses("a.ns.svc") == ["10.96.0.7"]
    with pytest.raises(RunFailure, match="egress policy"):
        await hosts.addresses("b.ns.svc")


async def test_the_api_server_is_no_part_of_the_internet() -> None:
    """Not even where a cluster's own addresses look public."""
    there = {"KUBERNETES_SERVICE_HOST": "34.118.224.1"}

    assert not doors("", there).policy.allows("34.118.224.1", ip_address("34.118.224.1"))
    assert doors("", {"KUBERNETES_SERVICE_HOST": "api.example.com"}).policy == EgressPolicy()
    assert doors("34.118.224.1", there).policy.allows("x.test", ip_address("34.118.224.1"))


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.01", "1.2.3.4.5", "0x7f.1"]
)
def test_odd_spellings_of_addresses_are_no_hosts(host: str) -> None:
    """Every library reads them in its own way."""
    with pytest.raises(ValueError, match="is no host"):
        host_name(host)


@pytest.mark.parametrize("host", ["", "a..b", "a b", "a%41", "a/b", ".a", "x" * 64 + ".test", "ẞ�"])
def test_what_cannot_be_a_name_is_no_host(host: str) -> None:
    """And is not looked up."""
    with pytest.raises(ValueError, match="is no host"):
        host_name(host)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Exämple.Test", "xn--exmple-cua.test"),
        ("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127.0.0.1"),
        ("a_b.test.", "a_b.test"),
        ("fe80::1", "fe80::1"),
    ],
)
def test_a_host_is_judged_as_the_name_service_knows_it(written: str, known: str) -> None:
    """In lower case and ASCII, whatever digits it is written with."""
    assert host_name(written) == known


async def test_the_system_is_asked_for_names() -> None:
    """As every program of the machine asks it."""
    found = await SystemLookup()("localhost")

    assert "127.0.0.1" in found
    assert len(found) == len(set(found))
