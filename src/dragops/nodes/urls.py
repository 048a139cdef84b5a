"""URLs: taken apart, and put together; what is absolute is decided here and nowhere else."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dragops.nodes.convert import to_string

DEFAULT_PORTS = {"http": 80, "https": 443}

_UNSAID = re.compile(r"[\x00-\x1f\x7f]")
"""What a URL cannot hold, and parsers pass over in different ways."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?=[^/?#])")
_WRITTEN = "%!#$&'()*+,/:;=?@[]~"
"""What stands in a URL as it is."""


class Url(NamedTuple):
    """An absolute URL in its parts, as they are written."""

    scheme: str
    username: str
    password: str
    host: str
    """In lower case; an IPv6 address stands without its brackets."""
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def origin(self) -> str:
        """Give scheme, host and port; a port that goes without saying is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        said = self.port is not None and self.port != DEFAULT_PORTS.get(self.scheme)
        return f"{self.scheme}://{host}:{self.port}" if said else f"{self.scheme}://{host}"


def read_url(text: str) -> Url:
    """Read an absolute URL; ValueError says what it is instead."""
    text = text.strip(" ")
    if not _SCHEME.match(text) or _UNSAID.search(text):
        raise ValueError("no absolute URL, such as https://host/path")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise ValueError(f"no URL: {exc}") from exc
    if not host or "\\" in parts.netloc or " " in parts.netloc:
        raise ValueError("a URL without a host")
    return Url(
        parts.scheme,
        parts.username or "",
        parts.password or "",
        host,
        port,
        parts.path,
        parts.query,
        parts.fragment,
    )


def read_http_url(text: str) -> Url:
    """Read an absolute URL of HTTP; ValueError says what it is instead."""
    url = read_url(text)
    if url.scheme not in DEFAULT_PORTS:
        raise ValueError("neither http nor https")
    return url


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Add to what a URL asks: null is left out, an Array repeats its key; a fragment stays last."""
    added = urlencode(list(pairs(query, "query")), quote_via=quote, errors="replace")
    if not added:
        return url
    rest, mark, fragment = url.partition("#")
    joint = "?" if "?" not in rest else "" if rest[-1] in "?&" else "&"
    return f"{rest}{joint}{added}{mark}{fragment}"


def pairs(fields: Mapping[str, Any], pin: str) -> Iterator[tuple[str, str]]:
    """Give the texts of fields one by one: null is left out, an Array repeats its key."""
    for key, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield key, to_string(each, pin)


def encoded(text: str) -> str:
    """Percent-encode what cannot stand in a URL, and nothing twice."""
    return quote(text, safe=_WRITTEN, errors="replace")


def by_name(query: str) -> dict[str, Any]:
    """Give a query's values by name; a repeated name has an Array."""
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        known = values.get(name)
        if known is None:
            values[name] = value
        else:
            values[name] = [*known, value] if isinstance(known, list) else [known, value]
    return values
