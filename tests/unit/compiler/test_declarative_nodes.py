"""Declarative nodes: what is wrong with a definition is told, and what is right becomes a table."""

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.compiler.check import warnings_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.model.declared import DEFINITIONS_BYTES_MAX, DeclaredNode
from dragops.model.pattern import PatternSpec
from support.declared import definition, definition_json
from support.patterns import chain, node, pattern, wire

GRANT = {"tokenUrl": "https://auth.test", "clientId": "c", "clientSecret": "s"}
USER = pattern("p", node("start", "OnStart"), node("get", "GetUser"), chain("start", "get"))


def faults(spec: PatternSpec, **declared: DeclaredNode) -> list[tuple[str, str]]:
    with pytest.raises(PatternError) as raised:
        compile_pattern(spec, name="p", declared=declared)
    return [(fault.code, fault.message) for fault in raised.value.faults]


def test_a_declared_node_is_called_with_its_table() -> None:
    """The request stands in the program as it was written; pins go in by name."""
    id_ = {"name": "id", "type": "integer", "required": True}
    declared = definition(
        inputs=(id_, "lang"), request={"url": "https://api.test/{id}"}, response={"name": "/n"}
    )
    asking = node("get", "GetUser", id=7, timeout=5, failOnError=True)
    spec = pattern("p", node("start", "OnStart"), asking, chain("start", "get"))

    program = compile_pattern(spec, name="p", declared={"GetUser": declared})

    assert (
        'GET_USER = {\n    "method": "GET",\n    "url": "https://api.test/{id}",\n' in program.text
    )
    call = 'await declared.call(ctx, GET_USER, {"id": 7}, timeout=5, fail_on_error=True)'
    assert f"    {call}\n" in program.text


def test_only_what_is_used_goes_with_the_version() -> None:
    """So that a program, its text and its graph need nothing from the caller again."""
    declared = {"GetUser": definition(label="Get"), "Other": definition()}

    program = compile_pattern(USER, name="p", declared=declared)
    again = compile_pattern(USER, name="p", declared=program.manifest.declared())

    assert program.manifest.declared() == {"GetUser": declared["GetUser"]}
    assert again.digest == program.digest
    assert "OTHER" not in program.text


def test_a_pattern_without_declared_nodes_has_the_manifest_of_before() -> None:
    """Versions that were made before there were any keep their digests."""
    spec = pattern("p", node("start", "OnStart"))

    assert "definitions" not in compile_pattern(spec, name="p").manifest.as_json()


def test_a_program_is_the_same_in_whatever_order_a_definition_is_written() -> None:
    """The API server sorts the keys of maps: both compile to the same bytes."""
    asked = {"method": "POST", "headers": {"b": "1", "a": "2"}, "body": {"z": [{"y": 1, "x": 2}]}}
    turned = {"body": {"z": [{"x": 2, "y": 1}]}, "headers": {"a": "2", "b": "1"}, "method": "POST"}

    one, other = (
        compile_pattern(USER, name="p", declared={"GetUser": definition(request=each)})
        for each in (asked, turned)
    )

    assert one.text == other.text
    assert one.digest == other.digest


def test_the_table_of_a_type_stands_once_however_often_it_is_called() -> None:
    spec = pattern(
        "p",
        node("start", "OnStart"),
        node("a", "GetUser"),
        node("b", "GetUser"),
        chain("start", "a", "b"),
    )

    text = compile_pattern(spec, name="p", declared={"GetUser": definition()}).text

    assert text.count("GET_USER = {") == 1
    assert text.count("declared.call(ctx, GET_USER, {})") == 2


@pytest.mark.parametrize("type_", ["Triggers", "Variables", "Types", "NOEvent", "Print", "None"])
def test_a_table_takes_no_name_that_means_something_else(type_: str) -> None:
    """Whatever the type is called, the program runs as it is."""
    spec = pattern("p", node("start", "OnStart"), node("get", type_), chain("start", "get"))

    text = compile_pattern(spec, name="p", declared={type_: definition()}).text

    module: dict[str, Any] = {}
    exec(compile(text, "<test>", "exec"), module)  # what the engine does with it
    assert (list(module["TRIGGERS"]), module["VARIABLES"]) == (["start"], {})


def test_a_trigger_called_like_the_module_is_another_name() -> None:
    spec = pattern("p", node("declared", "OnStart"), node("get", "GetUser"))
    spec = spec.model_copy(update={"wires": chain("declared", "get")})

    text = compile_pattern(spec, name="p", declared={"GetUser": definition()}).text

    assert "async def declared_2(ctx, event):" in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": "Other"}, "id: is 'Other', but its key is GetUser"),
        ({"isPure": True}, "isPure: a call is never pure"),
        ({"inputs": ("a", "a")}, "inputs.a: there are two of this name"),
        ({"inputs": ({"name": "a", "type": "blob"},)}, "inputs.a: there is no type 'blob': use"),
        ({"inputs": ({"name": "go", "type": "exec"},)}, "inputs.go: the pin exec and no other has"),
        ({"inputs": ("exec",)}, "inputs.exec: the pin exec and no other has the type Exec"),
        ({"inputs": ("secrets",)}, "inputs.secrets: this name means something else"),
        ({"inputs": ("timeout",)}, "inputs.timeout: this name means something else"),
        ({"inputs": ({"name": "a", "type": "enum"},)}, "inputs.a: members are given for the type"),
        (
            {"inputs": ({"name": "a", "type": "integer", "default": "x"},)},
            "inputs.a: default: pin a: 'x' cannot be converted to an Integer",
        ),
        (
            {"inputs": ({"name": "a", "type": "enum", "members": ["x"], "default": "y"},)},
            "inputs.a: default: use one of x",
        ),
        (
            {"inputs": ({"name": "a", "type": "string", "default": "x", "required": True},)},
            "inputs.a: only an input that is not required has a default",
        ),
        ({"request": {"url": "ftp://a.test"}}, "request.url: it begins with https://, http:// or"),
        ({"request": {"url": "https://a.test/{b}"}}, "request.url: {b} is no input: there is no"),
        ({"request": {"url": "https://a.test/{b"}}, "request.url: a lone '{' at character 15"),
        ({"request": {"url": "{secrets}/a"}}, "request.url: {secrets}: write {secrets.NAME}"),
        (
            {"request": {"url": "{environment.a.b}"}},
            "request.url: {environment.a.b}: write {environment.NAME}",
        ),
        ({"request": {"headers": {"a": "{b}"}}}, "request.headers: {b} is no input"),
        ({"request": {"headers": {"a\n": "b"}}}, "request.headers: 'a\\n' cannot be sent"),
        ({"request": {"headers": {"a": "b\r\nc: d"}}}, "request.headers: 'a' cannot be sent"),
        ({"request": {"query": {"a": ["{b}"]}}}, "request.query: {b} is no input"),
        ({"request": {"body": {"a": [{"b": "{c}"}]}}}, "request.body: {c} is no input"),
        (
            {"request": {"headers": {"authorization": "x"}, "basicAuth": {"username": "u"}}},
            "request.basicAuth: it makes the header Authorization",
        ),
        ({"request": {"basicAuth": {"username": "{u}"}}}, "request.basicAuth: {u} is no input"),
        (
            {"request": {"oauth2": GRANT, "basicAuth": {"username": "u"}}},
            "request.basicAuth: it makes the header Authorization, which oauth2 has too",
        ),
        (
            {"request": {"oauth2": GRANT | {"tokenUrl": "auth.test"}}},
            "request.oauth2: tokenUrl begins with https://, http:// or a placeholder",
        ),
        ({"request": {"oauth2": GRANT | {"scope": "{s}"}}}, "request.oauth2: {s} is no input"),
        ({"response": {"a": "b["}}, "response.a: bad JMESPath 'b['"),
        ({"response": {"a": "/b~c"}}, "response.a: in a JSON pointer ~ is written ~0"),
        ({"response": {"a": "/b"}, "outputs": []}, "response.a: there is no such output"),
        (
            {"outputs": [{"name": "a", "type": "any"}]},
            "outputs.a: say in response where it is; only status, ok, headers, response need",
        ),
    ],
)
def test_what_is_wrong_with_a_definition_is_told_at_its_place(
    changes: dict[str, Any], told: str
) -> None:
    """Once, at the first node of the type, and no fault follows from it at other nodes."""
    [(code, message)] = faults(USER, GetUser=definition(**changes))

    assert code == "BAD_VALUE"
    assert message.startswith(f"GetUser (get): its definition: {told}"), message


def test_all_that_is_wrong_is_told_at_once() -> None:
    declared = definition(isPure=True, request={"url": "{x}"}, response={"a": "b["})

    assert len(faults(USER, GetUser=declared)) == 3


def test_no_definition_takes_the_place_of_a_catalogue_node() -> None:
    """Under an alias of it neither: the catalogue may get a node that a definition has now."""
    spec = pattern("p", node("start", "OnStart"), node("x", "ParseJson", json="1"))

    [(code, message)] = faults(spec, ParseJson=definition())

    assert code == "DEFINITION_MISMATCH"
    assert "makes ParseJson a call of its own, but the catalogue has a node" in message


def test_definitions_have_a_size_together() -> None:
    """They share a resource with all else that the deployment says."""
    nodes = [node(f"n{i}", f"Type{i}") for i in range(3)]
    spec = pattern("p", node("start", "OnStart"), *nodes, chain("start", "n0", "n1", "n2"))
    large = definition(request={"body": ["x" * 996] * (DEFINITIONS_BYTES_MAX // 4000)})
    larger = definition(request={"body": ["x" * 996] * (DEFINITIONS_BYTES_MAX // 2900)})

    compile_pattern(spec, name="p", declared=dict.fromkeys(("Type0", "Type1", "Type2"), large))
    [(code, message)] = faults(spec, Type0=larger, Type1=larger, Type2=larger)

    assert (code, "bytes of JSON: shorten them to 262144" in message) == ("TOO_LARGE", True)


def test_a_pattern_uses_as_many_definitions_as_a_resource_holds() -> None:
    many = {f"Type{n}": definition() for n in range(101)}
    nodes = [node(f"n{n}", type_) for n, type_ in enumerate(many)]
    spec = pattern("p", node("start", "OnStart"), *nodes)

    [(code, message)] = faults(spec, **many)

    assert (code, "uses 101 declarative node types, 100 are" in message) == ("TOO_LARGE", True)


def test_a_node_type_begins_with_a_capital() -> None:
    spec = pattern("p", node("start", "OnStart"), node("get", "getUser"))

    [(_, message)] = faults(spec, getUser=definition())

    assert "its definition: id: getUser: a node type begins with a capital letter" in message


def test_pins_and_settings_are_checked_as_those_of_the_catalogue() -> None:
    """Required pins, wires between types, unknown pins, values out of their bounds."""
    who = {"name": "who", "type": "object", "required": True}
    spec = pattern(
        "p",
        node("start", "OnStart"),
        node("text", "String", value="x"),
        node("get", "GetUser", timeout=301, nope=1),
        node("bare", "GetUser"),
        chain("start", "get", "bare"),
        wire("text.value", "get.who"),
    )

    codes = {code for code, _ in faults(spec, GetUser=definition(inputs=(who,)))}
    assert codes == {"TYPE_MISMATCH", "REQUIRED_PIN", "BAD_VALUE", "UNKNOWN_PIN"}


def test_a_declared_node_that_nothing_reaches_is_a_warning() -> None:
    spec = pattern("p", node("start", "OnStart"), node("get", "GetUser"))

    assert [w.node_id for w in warnings_of(spec, {"GetUser": definition()})] == ["get"]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ['"""', "'", "\n", "\\", "\u2028", "#", "*/", "\0"]
)


@given(texts, texts, st.dictionaries(texts, texts, max_size=3))
def test_no_word_of_a_definition_becomes_code(
    description: str, text: str, body: dict[str, str]
) -> None:
    """The program has the same statements, whatever the texts are; the table holds them exactly."""
    escaped = text.replace("{", "{{").replace("}", "}}")
    told = {k: v.replace("{", "{{").replace("}", "}}") for k, v in body.items()}
    declared = DeclaredNode.model_validate(
        definition_json(
            label=description,
            description=description,
            request={"body": {"text": escaped, "more": told}},
        )
    )

    program = compile_pattern(USER, name="p", declared={"GetUser": declared})

    tree = ast.parse(program.text)
    [table] = [
        statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "GET_USER"
    ]
    assert ast.literal_eval(table)["body"] == {"text": escaped, "more": told}
    assert [type(s).__name__ for s in tree.body] == [
        *("Expr", "ImportFrom", "Assign", "Assign", "AsyncFunctionDef", "Assign")
    ]
