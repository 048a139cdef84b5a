"""Whatever an author writes stays data: it never becomes code, and never breaks the compiler."""

import ast
import keyword
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragops.compiler.compile import compile_pattern
from dragops.compiler.literal import docstring, literal
from dragops.compiler.names import Names
from dragops.errors import PatternError
from dragops.model.pattern import PatternSpec
from dragops.nodes.catalogue import all_definitions
from support.patterns import chain, node, pattern, variable, wire
from support.runs import run_program

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
hostile = st.one_of(
    texts,
    st.lists(
        st.sampled_from(
            (
                '"""',
                "'",
                '"',
                "\\",
                "\n",
                "\r",
                "\x0c",
                "\u2028",
                "#",
                "{x}",
                "\\N{DASH}",
                "\0",
                ")",
            )
        ),
        max_size=6,
    ).map("".join),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), hostile),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
plain_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), hostile),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(hostile, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain_values.filter(lambda value: "inf" not in repr(value)))
def test_a_literal_is_one_line_that_gives_the_value_back(value: Any) -> None:
    """It is read as a constant, so there is nothing in it to run."""
    text = literal(value)

    assert len(text.splitlines()) == 1
    assert repr(ast.literal_eval(text)) == repr(value)


@given(hostile)
@example('ends with "')
@example('"""')
@example("\\")
def test_a_docstring_is_one_line_that_gives_the_text_back(text: str) -> None:
    """A title cannot end the text that it stands in."""
    written = docstring(text)

    assert len(written.splitlines()) == 1
    assert ast.get_docstring(ast.parse(written), clean=False) == text


@given(st.lists(st.one_of(hostile, st.sampled_from([*keyword.kwlist, "print", "ctx", "ctx_2"]))))
def test_names_are_identifiers_that_nothing_else_has(wishes: list[str]) -> None:
    """No keyword, no builtin, no reserved word, none twice."""
    names = Names("ctx")

    taken = [names.take(wish) for wish in wishes]

    assert len(set(taken)) == len(taken)
    for name in taken:
        assert name.isidentifier()
        assert name.isascii()
        assert not keyword.iskeyword(name)
        assert name not in {"print", "ctx"}


@settings(deadline=None, max_examples=50)
@given(
    title=hostile.map(lambda text: text[:200]),
    name=hostile.map(lambda text: text[:200]),
    value=hostile,
    id_=st.from_regex(r"\A[A-Za-z0-9_-]{1,63}\Z"),
    declared=st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,62}\Z"),
)
def test_words_of_an_author_do_not_change_the_code(
    title: str, name: str, value: str, id_: str, declared: str
) -> None:
    """The program has the shape of one with harmless words, and logs exactly what was written."""

    def program(title: str, name: str, value: str, id_: str, declared: str) -> Any:
        spec = pattern(
            title,
            node(id_, "OnStart", title=name),
            variable(declared, "String", value),
            node("a", "Log", title=name, message=value),
            node("read", "GetVariable", title=name, name=declared),
            node("b", "Log", title=name),
            chain(id_, "a", "b"),
            wire("read.value", "b.message"),
        )
        return compile_pattern(spec, name="p")

    id_ = id_ if id_ not in {"a", "b", "read"} else "c"
    written = program(title, name, value, id_, declared)

    assert shape(written.text) == shape(program("t", "n", value and "v", "start", "x").text)
    assert run_program(written, {}).texts() == [value, value]


TYPES = [each.type for each in all_definitions()]
PINS = sorted({p.name for d in all_definitions() for p in (*d.inputs, *d.outputs, *d.properties)})
IDS = ["a", "b", "c", "d", "1", "_", "class"]
ends = st.builds("{}.{}".format, st.sampled_from([*IDS, "gone"]), st.sampled_from([*PINS, "x.y"]))
specs = st.fixed_dictionaries(
    {
        "nodes": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.sampled_from(IDS),
                    "type": st.sampled_from([*TYPES, "OnStart", "Nope"]),
                    "values": st.dictionaries(st.sampled_from(PINS), json_values, max_size=4),
                }
            ),
            max_size=8,
        ),
        "wires": st.lists(
            st.fixed_dictionaries({"from": ends, "to": ends}),
            max_size=12,
        ),
        "variables": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["x", "y", "def"]),
                    "type": st.sampled_from(["Integer", "exec", "number", "Array", "DateTime"]),
                    "default": json_values,
                }
            ),
            max_size=3,
        ),
        "editor": st.one_of(st.none(), st.dictionaries(hostile, json_values, max_size=2)),
    }
)


@settings(deadline=None, max_examples=100)
@given(specs)
def test_the_compiler_gives_a_program_or_faults(raw: dict[str, Any]) -> None:
    """Anything that has the shape of a pattern ends in one of the two."""
    spec = PatternSpec.model_validate(raw)
    try:
        text = compile_pattern(spec, name="p").text
    except PatternError as exc:
        text = str(exc)

    assert text


def shape(text: str) -> str:
    """The syntax tree of a program without its names and constants."""
    tree = ast.parse(text)
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant):
            part.value = "..."
        elif isinstance(part, ast.Name):
            part.id = "_"
        elif isinstance(part, ast.AsyncFunctionDef):
            part.name = "_"
    return ast.dump(tree)
