"""Indicators of threats in texts: found, and made harmless to click on."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Literal, NamedTuple

from dragops.nodes.category import Category
from dragops.nodes.limits import bounded_size, bounded_text
from dragops.nodes.urls import read_url

category = Category("Network")

# Each of these takes a text in one go: what repeats is bounded, or begins where a word does.
_FANGS = re.compile(
    r"\b(?P<http>hxxp)(?=s?\b)|(?P<dot>\[\.\]|\(\.\)|\[dot\])|(?P<at>\[@\]|\[at\])|(?P<colon>\[:\])",
    re.IGNORECASE,
)
_MEANT = {"http": "http", "dot": ".", "at": "@", "colon": ":"}
_NAME = r"(?:[a-z0-9_-]{1,63}\.){1,126}(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})(?![\w-]|\.\w)"
_URL = r"\bhttps?://[^\s<>\"'()\[\]{}]+"
_EMAIL = rf"(?<![\w.%+'-])[\w.%+'-]{{1,64}}@{_NAME}"
_IP4 = r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9])"
_IP6 = r"(?<![\w:.])(?=[0-9a-f]*:)[0-9a-f:.]{2,45}(?![\w:])"
_FLAGS = re.IGNORECASE | re.ASCII

_URLS = re.compile(_URL, re.IGNORECASE)
_EMAILS = re.compile(_EMAIL, _FLAGS)
_NAMES = re.compile(rf"(?<![\w.@-]){_NAME}", _FLAGS)
_IPS = re.compile(f"{_IP4}|{_IP6}", _FLAGS)
_HASHES = re.compile(r"(?<!\w)(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?!\w)", _FLAGS)
_CVES = re.compile(r"(?<![\w-])CVE-[0-9]{4}-[0-9]{4,19}(?!\w)", _FLAGS)
_HARMFUL = re.compile(f"(?P<url>{_URL})|(?P<email>{_EMAIL})|(?P<ip>{_IP4})", _FLAGS)
_AFTER_A_URL = ".,;:!?"


class Indicators(NamedTuple):
    """What Extract Indicators puts out."""

    ips: list[str]
    domains: list[str]
    urls: list[str]
    emails: list[str]
    hashes: list[str]
    cves: list[str]


class _Found(NamedTuple):
    """Something in a text; ``host`` is what stands for a machine in it."""

    at: int
    text: str
    host: str


@category.node(
    "ExtractIndicators pure (text: String!) [bareDomains: Boolean = false]"
    " -> (ips: Array, domains: Array, urls: Array, emails: Array, hashes: Array, cves: Array)"
)
def extract_indicators(text: str, bare_domains: bool = False) -> Indicators:
    """Find what threats are known by in a text, also where it is defanged."""
    text, dots = _refanged(text)
    urls = list(_urls(text))
    rest = _URLS.sub(lambda found: " " * len(found[0]), text)
    emails = [_Found(m.start(), m[0], m[0].rpartition("@")[2]) for m in _EMAILS.finditer(rest)]
    rest = _EMAILS.sub(lambda found: " " * len(found[0]), rest)
    names = [
        _Found(m.start(), m[0], m[0])
        for m in _NAMES.finditer(rest)
        if bare_domains or bisect_left(dots, m.start()) < bisect_left(dots, m.end())
    ]
    hosts = sorted([*urls, *emails, *names])
    return Indicators(
        _once(_ips(text)),
        _once(each.host.lower() for each in hosts if not _is_address(each.host)),
        _once(each.text for each in urls),
        _once(each.text for each in emails),
        _once(found[0].lower() for found in _HASHES.finditer(text)),
        _once(found[0].upper() for found in _CVES.finditer(text)),
    )


@category.node(
    'Defang pure (text: String!) [mode: Enum(defang|refang) = "defang"] -> (result: String)'
)
def defang(text: str, mode: Literal["defang", "refang"] = "defang") -> str:
    """Write URLs, e-mail and IPv4 addresses so that nobody follows them by accident, or back."""
    if mode == "refang":
        return _refanged(text)[0]
    return bounded_text(_HARMFUL.sub(_defanged, text))


def _refanged(text: str) -> tuple[str, list[int]]:
    """Give the text as it was meant, and where in it there are dots that had been defanged."""
    pieces: list[str] = []
    dots: list[int] = []
    done, length = 0, 0
    for found in _FANGS.finditer(text):
        kind = found.lastgroup or ""
        before = text[done : found.start()]
        if kind == "dot":
            dots.append(length + len(before))
        pieces += (before, _MEANT[kind])
        length += len(before) + len(_MEANT[kind])
        done = found.end()
    return "".join([*pieces, text[done:]]), dots


def _urls(text: str) -> Iterator[_Found]:
    for found in _URLS.finditer(text):
        written = found[0].rstrip(_AFTER_A_URL)
        try:
            yield _Found(found.start(), written, read_url(written).host.rstrip("."))
        except ValueError:
            continue


def _ips(text: str) -> Iterator[str]:
    for found in _IPS.finditer(text):
        # a colon or a dot after an address belongs to the sentence
        shorter = found[0].rstrip("."), found[0].rstrip(".:")
        written = next((each for each in shorter if _is_address(each)), "")
        if written.strip(":"):
            yield written


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _once(texts: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(texts))
    bounded_size(len(found), "Array")
    return found


def _defanged(found: re.Match[str]) -> str:
    text = found[0]
    if found.lastgroup == "ip":
        return text.replace(".", "[.]") if _is_address(text) else text
    if found.lastgroup == "email":
        local, _, domain = text.rpartition("@")
        return f"{local}[@]{domain.replace('.', '[.]')}"
    url = text.rstrip(_AFTER_A_URL)
    scheme, _, rest = url.partition("://")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    user, at, host = rest[:end].rpartition("@")
    safe = f"hxxp{scheme[4:]}://{user}{at}{host.replace('.', '[.]')}{rest[end:]}"
    return safe + text[len(url) :]
