"""Addresses, URLs and indicators beyond the examples of their page."""

import time
from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.addresses import ip_in_cidr, ip_info, parse_url
from dragops.nodes.indicators import defang, extract_indicators


def found_in(text: str, **pins: bool) -> dict[str, list[str]]:
    """What is found, without the kinds of which there is nothing."""
    found = extract_indicators(text, **pins)._asdict()
    return {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("HTTP://A.Test", {"scheme": "http", "host": "a.test", "port": 80, "path": "/"}),
        ("https://a.test:443/", {"port": 443, "origin": "https://a.test"}),
        ("https://a.test:80/", {"port": 80, "origin": "https://a.test:80"}),
        ("ftp://a.test/b", {"scheme": "ftp", "port": None, "origin": "ftp://a.test"}),
        ("http://a.test:0/", {"port": 0}),
        ("http://u%40x:p@a.test/", {"username": "u@x", "origin": "http://a.test"}),
        ("http://a.test/%FF", {"path": "/\ufffd"}),
        ("http://a.test?a=1&a=2&a=3&b", {"path": "/", "query": {"a": ["1", "2", "3"], "b": ""}}),
    ],
)
def test_a_url_is_taken_apart(url: str, parts: dict[str, Any]) -> None:
    found = parse_url(url)._asdict()

    assert {name: found[name] for name in parts} == parts


def test_a_password_is_nowhere_in_the_parts() -> None:
    assert "pass" not in str(parse_url("https://user:pass@a.test/b?c=d"))


@pytest.mark.parametrize("url", ["", "a.test", "mailto:a@b.test", "http://", "http://a.test:x"])
def test_what_is_not_absolute_is_a_parse_error(url: str) -> None:
    with pytest.raises(RunFailure, match=r"^ParseError"):
        parse_url(url)


@pytest.mark.parametrize(
    ("ip", "told"),
    [
        (" 8.8.8.8\n", {"valid": True, "version": 4, "is_global": True, "is_private": False}),
        ("127.0.0.1", {"is_loopback": True, "is_global": False}),
        ("224.0.0.1", {"is_multicast": True}),
        ("::1", {"version": 6, "is_loopback": True, "normalized": "::1"}),
        ("::ffff:1.2.3.4", {"version": 6}),
        ("fe80::1%eth0", {"valid": False, "version": None, "reverse": None}),
        ("010.0.0.1", {"valid": False}),
        ("2130706433", {"valid": False}),
        ("", {"valid": False}),
    ],
)
def test_an_address_is_told_what_it_is(ip: str, told: dict[str, Any]) -> None:
    """What is none has nulls, and is no failure."""
    found = ip_info(ip)._asdict()

    assert {name: found[name] for name in told} == told


@pytest.mark.parametrize(
    ("ip", "ranges", "match"),
    [
        ("10.1.2.3", ["10.0.0.0/8", "10.1.0.0/16"], "10.0.0.0/8"),
        ("10.1.2.3", "192.168.0.0/16 ,10.9.9.9/8\n::/0", "10.9.9.9/8"),
        ("10.1.2.3", "::/0", None),
        ("::ffff:10.1.2.3", "10.0.0.0/8", None),
        ("1.1.1.1", None, None),
        ("1.1.1.1", "", None),
        (" 1.1.1.1 ", " 1.1.1.1 ", "1.1.1.1"),
    ],
)
def test_the_first_range_that_holds_it_is_given(ip: str, ranges: Any, match: str | None) -> None:
    """As it is written."""
    assert ip_in_cidr(ip, ranges) == (match is not None, match)


@pytest.mark.parametrize("ranges", ["10.0.0.0/8, x", ["1.1.1.1", ""], [None], [{}], 7])
def test_a_bad_range_is_a_parse_error(ranges: Any) -> None:
    """Also behind one that matches: it is a slip either way."""
    with pytest.raises(RunFailure, match=r"^ParseError"):
        ip_in_cidr("1.1.1.1", ranges)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at 10.0.0.1:8080, 10.0.0.2.", {"ips": ["10.0.0.1", "10.0.0.2"]}),
        ("1.2.3.4.5 v1.2.3.4 300.1.1.1 1.2.3", {}),
        (
            "from [::1]:80 or 2001:DB8::1. No: std::vector, 12:30:45",
            {"ips": ["::1", "2001:DB8::1"]},
        ),
        ("fe80::1: up; a :: b", {"ips": ["fe80::1"]}),
        (
            "(http://10.0.0.1/x) <https://A.test:8443/?q=1>",
            {
                "ips": ["10.0.0.1"],
                "urls": ["http://10.0.0.1/x", "https://A.test:8443/?q=1"],
                "domains": ["a.test"],
            },
        ),
        ("http:// https://? see", {}),
        ("mail <a.b+c@x.Test>, a@b", {"emails": ["a.b+c@x.Test"], "domains": ["x.test"]}),
        ("https://u:p@evil.test/", {"urls": ["https://u:p@evil.test/"], "domains": ["evil.test"]}),
        (
            "hxxps[:]//a(.)test/x bad[dot]org a[at]b[.]test 10[.]0[.]0[.]9",
            {
                "urls": ["https://a.test/x"],
                "domains": ["a.test", "bad.org", "b.test"],
                "emails": ["a@b.test"],
                "ips": ["10.0.0.9"],
            },
        ),
        ("x" + "a" * 32 + " " + "A" * 40 + " " + "b" * 33, {"hashes": ["a" * 40]}),
        ("cve-2024-1234 CVE-2024-123 XCVE-2024-12345", {"cves": ["CVE-2024-1234"]}),
        ("bad[.]org BAD[.]ORG", {"domains": ["bad.org"]}),
    ],
)
def test_indicators_are_found(text: str, found: dict[str, list[str]]) -> None:
    """Each once, in its order, and nothing that is only a part of a word."""
    assert found_in(text) == found


def test_bare_domains_are_names_that_stand_alone() -> None:
    """Not the file of a URL, not the first half of an e-mail address, no version number."""
    text = (
        "www.a.org http://b.test/index.html john.smith@c.test v1.2 d.toolongtobeatopleveldomain e.x"
    )

    assert found_in(text, bare_domains=True)["domains"] == ["www.a.org", "b.test", "c.test"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("HTTPS://a.test:80/b.c?d.e", "hxxpS://a[.]test:80/b.c?d.e"),
        ("(http://a.test).", "(hxxp://a[.]test)."),
        ("http://a.test.", "hxxp://a[.]test."),
        ("300.1.1.1 1.2.3 a.org", "300.1.1.1 1.2.3 a.org"),
        ("http://u.v@a.test", "hxxp://u.v@a[.]test"),
        ("", ""),
    ],
)
def test_a_text_is_defanged(text: str, safe: str) -> None:
    """Once: what is safe already stays as it is."""
    assert defang(text) == safe
    assert defang(safe) == safe


def test_what_is_defanged_can_be_read_again() -> None:
    text = "see http://evil.test/a.b from 10.0.0.1 or a.b@c.example"

    assert defang(defang(text), mode="refang") == text


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "a@", "http://", "1.", "1:", ":", "hxxp", "[.]", "a-", "0", "CVE-2024-", "@"],
)
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    """Twice the text is about twice the time, whatever it repeats."""

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = 60.0
        for _ in range(3):
            begun = time.process_time()
            extract_indicators(text, bare_domains=True)
            defang(text)
            best = min(best, time.process_time() - begun)
        return best

    assert seconds(200_000) < 8 * seconds(50_000) + 0.05
