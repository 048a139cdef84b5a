"""Fixed values that are sure to fail are refused when the pattern is compiled."""

from typing import Any

import pytest

from dragops.compiler.check import check
from support.patterns import node, pattern, wire

SURE_TO_FAIL: list[tuple[str, dict[str, Any], str]] = [
    ("Round", {"value": 1, "digits": 16}, "digits is 16: use -15 to 15"),
    ("Logarithm", {"value": 1, "base": 1}, "base is 1: use a number above 0 other than 1"),
    ("Logarithm", {"value": 1, "base": -2}, "base is -2: use a number above 0"),
    ("RemoveProperty", {"object": {}, "key": "a..b"}, "malformed path 'a..b'"),
    ("MakeObject", {"fields": ["a", "a"]}, "the field a is there twice"),
    ("MakeObject", {"fields": ["a", {"name": "b", "key": "a"}]}, "two fields write the key 'a'"),
    ("MakeObject", {"fields": ["skipNull"]}, "the name skipNull is taken"),
    ("BreakObject", {"object": {}, "fields": [{"name": "a", "key": "a["}]}, "malformed path 'a['"),
    ("BreakObject", {"object": {}, "fields": ["object"]}, "the name object is taken"),
    ("BreakObject", {"object": {}, "fields": [{"name": "a", "default": 1}]}, "nor has a default"),
    ("Merge", {"a": {}, "b": {}, "arrays": "join"}, "arrays is 'join': use one of replace, concat"),
    ("Map", {"array": [], "path": "a", "template": "x"}, "path and template are set: keep one"),
    ("Map", {"array": [], "fields": {"a": 1}}, "the path of 'a' must be a String"),
    ("Map", {"array": [], "fields": {"a": "b["}}, "malformed path 'b['"),
    ("Map", {"array": [], "template": "{a"}, "a lone '{'"),
    ("Map", {"array": [], "expression": "a["}, "bad JMESPath 'a['"),
    ("Filter", {"array": [], "expression": "nope(@)"}, "JMESPath has no function nope()"),
    ("Filter", {"array": [], "operator": "like"}, "operator is 'like': use one of equals"),
    ("Find", {"array": [], "operator": "matches", "value": "("}, "bad regular expression '('"),
    ("CountItems", {"array": [], "path": "a..b"}, "malformed path 'a..b'"),
    ("Sort", {"array": [], "order": "up"}, "order is 'up': use one of asc, desc"),
    ("Reduce", {"array": [], "operation": "mean"}, "operation is 'mean': use one of sum"),
    ("MakeArray", {"count": 65}, "count is 65: use 0 to 64"),
    ("Chunk", {"array": [], "size": 0}, "size is 0: use 1 or more"),
    ("Range", {"end": 1, "step": 0}, "step is 0: a step of 0 leads nowhere"),
    ("IsType", {"value": 1, "type": "Text"}, "type is 'Text': use one of String, Integer"),
    ("RegexTest", {"value": "", "pattern": "("}, "bad regular expression '('"),
    ("RegexTest", {"value": "", "pattern": "a" * 1001}, "1000 characters"),
    ("RegexExtract", {"value": "", "pattern": "a", "flags": "ig"}, "'ig': use letters of ims"),
    ("RegexReplace", {"value": "", "pattern": "a", "replacement": "\\"}, "a lone \\ at"),
    ("RegexReplace", {"value": "", "pattern": "a", "replacement": "\\1"}, "unknown group '1'"),
    ("Now", {"timezone": "Mars"}, "timezone is 'Mars': 'Mars' is not a zone"),
    ("ParseDate", {"text": "", "format": "yyy"}, "format is 'yyy': 'yyy' is none of yyyy yy MMMM"),
    ("FormatDate", {"date": "2026-03-05", "format": "'"}, "the ' at character 0 is not closed"),
    ("FormatDate", {"date": "2026-03-05", "format": "d" * 4001}, "4000 characters"),
    ("FormatDate", {"date": "soon"}, "cannot be converted to a DateTime"),
    ("AddToDate", {"date": "2026-03-05", "amount": 1, "unit": "decades"}, "use one of millisec"),
    ("ConvertTimezone", {"date": "2026-03-05", "timezone": "+1:00"}, "an offset such as +01:00"),
    ("NextCronTime", {"expression": "61 * * * *"}, "minute: 61 is not between 0 and 59"),
    ("NextCronTime", {"expression": "* * * * *", "count": 0}, "count is 0: use 1 to 100"),
    ("NextCronTime", {"expression": "* * * * *", "count": 101}, "count is 101: use 1 to 100"),
    ("CsvParse", {"text": "", "delimiter": ";;"}, "delimiter is ';;': use one character"),
    ("CsvParse", {"text": "", "delimiter": '"'}, "use one character that is no quote"),
    ("CsvStringify", {"rows": [], "columns": ["a", 1]}, "the column 1 must be a String"),
    ("ValidateSchema", {"value": 1, "schema": {"type": "nope"}}, "no JSON Schema: "),
    ("ValidateSchema", {"value": 1, "schema": {"$ref": "http://x.test/"}}, "http://x.test/"),
    ("RenderTemplate", {"template": "{% for %}"}, "not Liquid: missing expression, line 1"),
    ("RenderTemplate", {"template": "{{ a | nope }}"}, "there is no filter nope"),
    ("RenderTemplate", {"template": "x" * 65_537}, "a template has 64 KiB"),
    ("HtmlExtract", {"html": "", "selector": "p["}, "'p[' is no CSS selector"),
    ("HtmlExtract", {"html": "", "selector": ""}, "'' is no CSS selector"),
    ("JsonQuery", {"value": 1, "expression": ""}, "bad JMESPath ''"),
    ("JsonQuery", {"value": 1, "expression": "nope(@)"}, "JMESPath has no function nope()"),
    ("RandomToken", {"length": 0}, "length is 0: use 1 to 1024"),
    ("BinaryToText", {"data": "", "encoding": "utf-7"}, "use one of utf-8, utf-16"),
    ("Hash", {"value": "", "algorithm": "crc32"}, "use one of md5, sha1"),
    ("JwtSign", {"claims": {}, "key": "k", "expiresIn": -1}, "expiresIn is -1: use 0 or more"),
    ("JwtSign", {"claims": {}, "key": ""}, "key does not fit HS256: give a shared secret"),
    ("JwtSign", {"claims": {}, "key": "k", "algorithm": "ES256"}, "key does not fit ES256: give a"),
    ("JwtSign", {"claims": {}, "key": "-----BEGIN "}, "key does not fit HS256"),
    ("JwtVerify", {"token": "", "key": "k", "algorithms": []}, "list one or more of HS256"),
    ("JwtVerify", {"token": "", "key": "k", "algorithms": ["none"]}, "list one or more of HS256"),
    ("JwtVerify", {"token": "", "key": "k", "algorithms": [1]}, "list one or more of HS256"),
    ("JwtVerify", {"token": "", "key": "k", "algorithms": ["RS256", "EdDSA"]}, "key fits none of"),
    ("JwtVerify", {"token": "", "key": "k", "leeway": -1}, "leeway is -1: use 0 or more"),
    ("FormatNumber", {"value": 1, "decimals": -1}, "decimals is -1: use 0 to 15"),
    ("OnEmail", {"alias": "Orders"}, "alias is 'Orders': use at most 40 lower-case letters"),
    ("OnEmail", {"allowedSenders": ["example.com"]}, "is neither an address nor @domain"),
    ("OnEmail", {"allowedSenders": [5]}, "5 is neither an address nor @domain"),
    ("OnEvent", {"topic": "a*b"}, "topic is 'a*b': use letters, digits and . _ / -"),
    ("OnEvent", {"topic": ""}, "topic is '': use letters, digits"),
    ("OnEvent", {"source": "Kafka"}, "source is 'Kafka': use one of Message, Kubernetes"),
    ("EmitEvent", {"topic": "a b"}, "topic is 'a b': a topic is 1 to 200 letters, digits"),
    ("OnPatternCall", {"inputs": ["exec"]}, "the name exec is taken"),
    ("OnPatternCall", {"inputs": [{"name": "a", "key": "b"}]}, "the field a needs no key"),
    ("OnPatternCall", {"outputs": ["a", "a"]}, "the field a is there twice"),
    ("OnPatternCall", {"outputs": [{"name": "a", "type": "Exec"}]}, "the field a has no type"),
    ("CallPattern", {"pattern": ""}, "pattern is '': name a pattern by its id or name"),
    ("CallPattern", {"pattern": "p", "inputs": ["pattern"]}, "the name pattern is taken"),
    (
        "CallPattern",
        {"pattern": "p", "outputs": [{"name": "a", "required": True}]},
        "the output a is neither required nor has a default",
    ),
    (
        "CallPattern",
        {
            "pattern": "p",
            "inputs": [f"i{n}" for n in range(40)],
            "outputs": [f"o{n}" for n in range(40)],
        },
        "more than 64 dynamic pins",
    ),
    ("Format", {"template": "{values.a}"}, "{values...} is taken by values of the node"),
    ("Format", {"template": "a {template}"}, "{template...} is taken by template of the node"),
    ("IpInCidr", {"ip": "10.0.0", "ranges": []}, "ip is '10.0.0': it is no IP address"),
    ("IpInCidr", {"ip": "fe80::1%eth0", "ranges": []}, "it is no IP address"),
    ("RespondToWebhook", {"statusCode": 600}, "statusCode is 600: use 200 to 599"),
    ("RespondToWebhook", {"headers": {"a": "b\nc"}}, "the header 'a' holds a line end"),
    ("BuildHeaders", {"headers": {"a b": "c"}}, "'a b' is no name of a header"),
    ("BuildHeaders", {"bearerToken": "a\n"}, "bearerToken is 'a\\n': it holds a line end"),
    ("SendEmail", {"to": "bo"}, "pin to: 'bo' is no list of e-mail addresses"),
    ("SendEmail", {"to": []}, "to is []: there is no address"),
    ("SendEmail", {"to": None}, "to is null: there is no address"),
    ("SendEmail", {"to": "b@x.test", "cc": ["x"]}, "pin cc: 'x' is no list"),
    ("SendEmail", {"to": "b@x.test", "replyTo": "x"}, "pin replyTo: 'x' is no list"),
    ("SendEmail", {"to": "b@x.test", "from": "a@x.test, c@x.test"}, "give one address"),
    ("SendEmail", {"to": "b@x.test", "subject": "a\nb"}, "pin subject: it holds a line end"),
    ("StopRun", {"status": "cancelled"}, "use one of completed, failed"),
]


@pytest.mark.parametrize(("type_", "values", "told"), SURE_TO_FAIL)
def test_a_value_that_is_sure_to_fail_is_a_fault(
    type_: str, values: dict[str, Any], told: str
) -> None:
    """It names node and pin and says what would do."""
    hook = node("start", "OnWebhook", responseMode="ResponseNode")
    spec = pattern("p", hook, node("x", type_, **values))

    (fault,) = check(spec)[1]

    assert (fault.code, fault.node_id) == ("BAD_VALUE", "x")
    assert told in fault.message


def test_a_wire_sets_a_path_as_a_value_does() -> None:
    """Map has one way only, and which it is must be known when the pattern is compiled."""
    mapped = node("m", "Map", array=[], template="x")
    spec = pattern(
        "p",
        node("s", "OnStart"),
        mapped,
        node("k", "GetProperty", key="a"),
        wire("s.data", "k.object"),
        wire("k.value", "m.path"),
    )

    assert [fault.message for fault in check(spec)[1] if fault.code == "BAD_VALUE"] == [
        "Map (m): path and template are set: keep one of them"
    ]


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("JsonParse", {"json": "{broken"}),
        ("YamlParse", {"text": "a: [1"}),
        ("XmlParse", {"text": "<a>"}),
        ("CsvParse", {"text": '"'}),
        ("Base64Decode", {"text": "a*b="}),
        ("HexDecode", {"text": "6"}),
        ("ParseDate", {"text": "soon"}),
    ],
)
def test_a_fixed_document_that_nobody_can_read_fails_in_the_run(
    type_: str, values: dict[str, Any]
) -> None:
    """It is data, not a setting: authors try their error flows with it."""
    spec = pattern("p", node("start", "OnStart"), node("x", type_, **values))

    assert check(spec)[1] == []
