"""The way to the API: its address, encryption, whether DragOps answers there, its clock."""

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import orjson

from dragops.cli.doctor.finding import Finding, fail, good, warn
from dragops.cli.failures import Call, NoAnswer
from dragops.cli.place import Place
from dragops.cli.times import span
from dragops.cli.transport import Reply, Transport

SKEW_WARN_SECONDS, SKEW_FAIL_SECONDS = 30, 300
"""Signatures with a time are refused when it is five minutes off."""
_LOOK_SECONDS = 10.0
_LOG = "look at its log: kubectl -n dragops logs sts/dragops-api -c api"
_MENDS = (
    ("knows the name", "check the address, and that this machine's DNS knows it"),
    ("takes no connection", "check host and port; is DragOps running, is a port-forward needed?"),
    (
        "speaks no TLS",
        "http or https? for an own authority: dragops login --certificate-authority",
    ),
    ("proxy", "unset HTTP_PROXY and HTTPS_PROXY, or name the host in NO_PROXY"),
)


def look_at_connection(place: Place, now: datetime) -> Iterator[Finding]:
    """Look at the way to the API; nothing comes after a failure."""
    yield _encryption(place)
    try:
        reply = _ask(place, "/healthz")
    except NoAnswer as exc:
        mend = next((mend for words, mend in _MENDS if words in str(exc)), "check the address")
        yield fail("answer", str(exc), mend)
        return
    if not _is_dragops(reply):
        yield _strange(reply)
        return
    yield good("answer", "DragOps answers")
    yield clock_finding(reply.headers.get("Date", ""), now)
    yield _readiness(place)


def clock_finding(date: str, now: datetime) -> Finding:
    """Compare this machine's clock with the API's."""
    try:
        ahead = (now - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return good("clock", "the API does not tell its time")
    told = f"this machine is {span(ahead)} {'ahead of' if ahead > 0 else 'behind'} the API"
    mend = "set the clock of whichever is wrong (NTP): tokens and signatures carry times"
    if abs(ahead) >= SKEW_FAIL_SECONDS:
        return fail("clock", told, mend)
    return warn("clock", told, mend) if abs(ahead) >= SKEW_WARN_SECONDS else good("clock", told)


def _encryption(place: Place) -> Finding:
    if place.url.startswith("https:") or _is_near(urlsplit(place.url).hostname or ""):
        return good("address", f"{place.url}, from {place.source}")
    return warn(
        "address",
        f"{place.url} is not encrypted: everybody on the way can read the token",
        "put TLS before the API, and use an address with https://",
    )


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _strange(reply: Reply) -> Finding:
    kind = reply.headers.get("Content-Type", "nothing that is named")
    return fail(
        "answer",
        f"what answers is no DragOps: {reply.status} ({kind})",
        "check the address; does the ingress lead to the Service dragops-api?",
    )


def _readiness(place: Place) -> Finding:
    try:
        reply = _ask(place, "/readyz")
    except NoAnswer as exc:
        return fail("ready", str(exc), _LOG)
    if reply.status == 200:
        return good("ready", "its lists of the cluster are complete")
    return fail(
        "ready",
        f"the API is not ready ({reply.status}): it does not reach the Kubernetes API server",
        _LOG,
    )


def _ask(place: Place, path: str) -> Reply:
    call = Call("GET", place.url + path)
    transport = Transport(place.url, place.authority)
    return transport.send(call, headers={"Accept": "application/json"}, seconds=_LOOK_SECONDS)


def _is_dragops(reply: Reply) -> bool:
    try:
        return bool(reply.status == 200 and orjson.loads(reply.body) == {"status": "ok"})
    except orjson.JSONDecodeError:
        return False
