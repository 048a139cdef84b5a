"""Declarative nodes in a run: what is sent for which values, and what is read of the answer."""

import asyncio
import base64
from typing import Any

import orjson
import pytest

from dragops.compiler.declaring import definition_of, wrong_in
from dragops.errors import RunFailure
from dragops.nodes.declared import call
from dragops.nodes.outside import Request
from support.context import RecordingContext
from support.declared import definition
from support.peers import Peers

HERE = "https://api.test"
Object = dict[str, Any]


class Calls:
    """A definition and a server that answers each of its calls alike."""

    def __init__(self, answer: Any = 204, **declared: Any) -> None:
        node = definition(**declared)
        assert not [*wrong_in("Called", node)]
        self.table = definition_of("Called", node).request
        self.answer, self.sent = answer, list[Request]()

    def __call__(self, pins: Object, **settings: Any) -> Any:
        peers = _Everywhere(self.answer)
        ctx = RecordingContext(outside=peers)
        try:
            return asyncio.run(call(ctx, self.table or {}, pins, **settings))
        finally:
            self.sent += peers.sent

    def request(self, **pins: Any) -> Request:
        """Call, and give what was sent."""
        self(pins)
        return self.sent[-1]


class _Everywhere(Peers):
    """Answers at each URL in the same way."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    async def send(self, request: Request) -> Any:
        self.http[request.url] = [self.answer]
        return await super().send(request)


ANY = ({"name": "a", "type": "any"}, {"name": "b", "type": "any"})


@pytest.mark.parametrize(
    ("url", "value", "sent"),
    [
        ("/users/{a}", "ada", "/users/ada"),
        ("/users/{a}", 7, "/users/7"),
        ("/users/{a}", "a b/c?d#e&f=%2e", "/users/a%20b%2Fc%3Fd%23e%26f%3D%252e"),
        ("/users/{a}", "é", "/users/%C3%A9"),
        ("/users/{a.id}", {"id": 3}, "/users/3"),
        ("/users/{a}/x", "...", "/users/.../x"),
        ("/{{a}}", "x", "/{a}"),
        ("/x?q={a}", "1&2", "/x?q=1%262"),
    ],
)
def test_a_value_in_a_url_stays_in_its_place(url: str, value: Any, sent: str) -> None:
    """It is percent-encoded whole: no value makes another path, query or host."""
    assert Calls(inputs=ANY, request={"url": HERE + url}).request(a=value).url == HERE + sent


@pytest.mark.parametrize(
    ("value", "type_"),
    [("..", "ParseError"), (".", "ParseError"), (None, "KeyError"), ("", "KeyError")],
)
def test_a_value_that_would_leave_its_step_of_the_path_fails(value: Any, type_: str) -> None:
    """Clients resolve dots, and an empty step is another address."""
    calls = Calls(inputs=ANY, request={"url": HERE + "/users/{a}/delete"})

    with pytest.raises(RunFailure) as raised:
        calls({"a": value})

    assert (raised.value.type, calls.sent) == (type_, [])


@pytest.mark.parametrize(
    ("base", "sent"),
    [
        ("https://a.test", "https://a.test/v1/x"),
        ("https://a.test/", "https://a.test/v1/x"),
        ("https://a.test:8443/in/", "https://a.test:8443/in/v1/x"),
    ],
)
def test_a_url_may_begin_with_a_base_that_is_taken_as_it_is(base: str, sent: str) -> None:
    """One slash comes between."""
    assert Calls(inputs=ANY, request={"url": "{a}/v1/{b}"}).request(a=base, b="x").url == sent


def test_a_placeholder_alone_gives_the_value_and_within_a_text_its_text() -> None:
    """Numbers stay numbers; keys are no templates; what else the body holds stays."""
    body = {"n": "{a}", "t": "n={a}", "{a}": [1, None, True, "{{}}", "{b.x[0]}"], "none": None}

    sent = Calls(inputs=ANY, request={"method": "POST", "body": body}).request(
        a=7, b={"x": ["deep"]}
    )

    assert orjson.loads(sent.body or b"") == {
        "n": 7,
        "t": "n=7",
        "{a}": [1, None, True, "{}", "deep"],
        "none": None,
    }
    assert sent.headers["Content-Type"] == "application/json"


def test_what_is_null_and_alone_leaves_its_key_out() -> None:
    """An optional pin that is not set is not sent; in an Array null keeps the place."""
    request = {
        "method": "POST",
        "query": {"a": "{a}", "b": "{b}", "t": "x{a}"},
        "headers": {"X-A": "{a}", "X-B": "{b}"},
        "body": {"a": "{a}", "b": "{b}", "list": ["{a}"]},
    }

    sent = Calls(inputs=ANY, request=request).request(b="set")

    assert sent.url == f"{HERE}?b=set&t=x"
    assert {name for name in sent.headers if name.startswith("X-")} == {"X-B"}
    assert orjson.loads(sent.body or b"") == {"b": "set", "list": [None]}


def test_an_array_repeats_its_key_in_the_query() -> None:
    sent = Calls(inputs=ANY, request={"query": {"id": "{a}", "fixed": [1, "{b}"]}}).request(
        a=[1, 2], b="x&y"
    )

    assert sent.url == f"{HERE}?fixed=1&fixed=x%26y&id=1&id=2"


def test_the_environment_is_at_hand_and_what_it_lacks_is_named() -> None:
    """Not as nothing: a call without its token would be another call."""
    headers = {"Authorization": "Bearer {secrets.API_TOKEN}", "X-Region": "{environment.REGION}"}

    sent = Calls(request={"headers": headers}).request()

    assert sent.headers["Authorization"] == "Bearer s3cret"
    assert sent.headers["X-Region"] == "eu"
    for place, told in (("secrets", "no secret 'NOPE'"), ("environment", "no variable 'NOPE'")):
        with pytest.raises(RunFailure, match=f"KeyError: .*{told}"):
            Calls(request={"headers": {"X": f"{{{place}.NOPE}}"}})({})


def test_basic_credentials_are_written_as_http_has_them() -> None:
    basic = {"username": "{a}", "password": "{secrets.API_TOKEN}"}

    sent = Calls(inputs=ANY, request={"basicAuth": basic}).request(a="ådä")

    kind, _, pair = sent.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(pair).decode()) == ("Basic", "ådä:s3cret")


AUTH = "https://auth.test/token"
GRANT = {"tokenUrl": AUTH, "clientId": "my app", "clientSecret": "{secrets.API_TOKEN}"}


async def _twice(ctx: RecordingContext, grant: Object) -> None:
    table = definition_of("Called", definition(request={"oauth2": grant})).request or {}
    await call(ctx, table, {})
    await call(ctx, table, {})


def granted(answers: list[Any], **grant: Any) -> RecordingContext:
    """Call twice in one run, with these answers of who gives tokens."""
    ctx = RecordingContext(outside=Peers({AUTH: answers, HERE: [204, 204]}))
    asyncio.run(_twice(ctx, GRANT | grant))
    return ctx


def token(text: str, **more: Any) -> Object:
    return {"json": {"access_token": text, "token_type": "Bearer"} | more}


def test_a_token_is_fetched_once_a_run_and_hidden() -> None:
    """For the client's credentials, as RFC 6749 writes them."""
    ctx = granted([token("t0ken", expires_in=3600)], scope="read write")

    asked, *calls = ctx.outside.sent  # type: ignore[attr-defined]  # Peers remembers
    pair = base64.b64encode(b"my+app:s3cret").decode()
    assert (asked.method, asked.url, asked.follow_redirects) == ("POST", AUTH, False)
    assert asked.headers["Authorization"] == f"Basic {pair}"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.body == b"grant_type=client_credentials&scope=read+write"
    assert [each.headers["Authorization"] for each in calls] == ["Bearer t0ken"] * 2
    assert ctx.concealed == ["t0ken"]


def test_a_token_that_is_about_to_end_is_fetched_anew() -> None:
    ctx = granted([token("first", expires_in=9), token("second", expires_in=9)])

    sent = [each for each in ctx.outside.sent if each.url == HERE]  # type: ignore[attr-defined]  # ours
    assert [each.headers["Authorization"] for each in sent] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {"status": 401, "json": {"error": "invalid_client"}},
            "https://auth.test answered with status 401",
        ),
        ("unreachable", "cannot be reached"),
        ({"text": "hello"}, "https://auth.test answered without access_token"),
        ({"json": {"access_token": 5}}, "https://auth.test answered without access_token"),
    ],
)
def test_without_a_token_there_is_no_call(answer: Any, told: str) -> None:
    """And the failure says that it was the token."""
    with pytest.raises(RunFailure, match=f"HttpError: no access token: .*{told}"):
        granted([answer])


def test_a_value_makes_no_header_of_its_own() -> None:
    """HTTP Request's rule, and its failure, which does not show the value."""
    with pytest.raises(RunFailure, match="ParseError: the header 'X-A'") as raised:
        Calls(inputs=ANY, request={"headers": {"X-A": "x{a}"}})({"a": "1\r\nX-B: hush"})

    assert "hush" not in raised.value.message


def test_a_member_that_is_none_of_its_enum_fails() -> None:
    pin = {"name": "a", "type": "enum", "members": ["low", "high"]}

    with pytest.raises(RunFailure, match="ConversionError: pin a: 'mid' is none of low, high"):
        Calls(inputs=(pin,))({"a": "mid"})
    assert Calls(inputs=(pin,), request={"query": {"a": "{a}"}}).request(a=None).url == HERE


def test_outputs_are_read_by_pointer_by_jmespath_and_of_the_answer_itself() -> None:
    """Converted to their types; what is not there is null; all in the order of the definition."""
    outputs = [
        {"name": name, "type": type_}
        for name, type_ in (
            ("id", "string"),
            ("names", "array"),
            ("nope", "integer"),
            ("whole", "any"),
            ("status", "integer"),
            ("ok", "boolean"),
            ("headers", "object"),
            ("response", "any"),
        )
    ]
    body = {"user": {"id": 7}, "all": [{"name": "a"}, {"name": "b"}]}
    places = {"id": "/user/id", "names": "all[].name", "nope": "/user/x", "whole": ""}

    found = Calls({"status": 201, "json": body}, outputs=outputs, response=places)({})

    kind = {"content-type": "application/json"}
    assert found == ("7", ["a", "b"], None, body, 201, True, kind, body)


def test_one_output_is_its_value() -> None:
    assert Calls({"json": [5]}, response={"first": "/0"})({}) == 5


def test_an_output_of_another_type_fails_and_names_its_pin() -> None:
    outputs = [{"name": "n", "type": "integer"}]

    with pytest.raises(RunFailure, match="ConversionError: pin n: "):
        Calls({"json": {"n": "x"}}, outputs=outputs, response={"n": "/n"})({})


def test_an_error_status_is_an_answer_unless_it_shall_fail() -> None:
    """As the definition says, or the node otherwise."""
    answer, places = {"status": 404, "json": {"why": "gone"}}, {"why": "/why"}
    lenient = Calls(answer, response=places)
    strict = Calls(answer, response=places, failOnError=True)

    assert lenient({}) == strict({}, fail_on_error=False) == "gone"
    for failing, settings in ((strict, {}), (lenient, {"fail_on_error": True})):
        with pytest.raises(RunFailure, match="HttpError") as raised:
            failing({}, **settings)
        assert raised.value.data["status"] == 404


def test_the_time_limit_is_the_definitions_unless_the_node_has_one() -> None:
    calls = Calls(timeout=7)

    calls({})
    calls({}, timeout=2)

    assert [sent.timeout_seconds for sent in calls.sent] == [7, 2]


def test_what_is_no_json_has_no_parts() -> None:
    """A text in the place of an Object: its parts are null, the whole is the text."""
    found = Calls({"text": "<html>"}, response={"a": "/a", "b": "c.d", "all": ""})({})

    assert found == (None, None, "<html>")
