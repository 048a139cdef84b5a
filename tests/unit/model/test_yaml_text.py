"""YAML that two readers read alike."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dragops.errors import BadInput
from dragops.model.yaml_text import json_of, yaml_of

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
_TRICKY = (
    *("y", "N", "yes", "off", "null", "~", "1e3", "0x1f", "012", "1_000", "12:30:45", "2026-03-05"),
    *("<<", "=", "", " ", "a: b", "- a", "#x", "a\n", "\n a", "a\n\n b \n", "\u2028", "\x85", "é"),
    *("true.", "a.b", ".5", "+1", "-", "--- a", "*a", "&a", "!t", "%x", "@x", "`x", "a\tb", "'"),
)
tricky = st.sampled_from(_TRICKY)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | tricky,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | tricky, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    """Every value of JSON, types included: 1, 1.0 and true are three things."""
    again = json_of(yaml_of(value).encode(), levels=64)

    assert json.dumps(again) == json.dumps(value)


@given(values)
def test_a_reader_with_other_rules_reads_the_same(value: Any) -> None:
    """PyYAML's own loader has YAML 1.1 whole: times of day, octals, dates."""
    assert json.dumps(yaml.safe_load(yaml_of(value))) == json.dumps(value)


@pytest.mark.parametrize("text", ["y", "n", "Y", "on", "1e3", "0o17", "12:30", "2026-03-05", ".5"])
def test_what_some_reader_takes_for_something_else_is_quoted(text: str) -> None:
    """Go reads y as true and 1e3 as a number; PyYAML does not."""
    assert yaml_of({"a": text}) == f'a: "{text}"\n'
    assert yaml_of({text: "a"}) == f'"{text}": a\n'


def test_what_people_read_stays_readable() -> None:
    """Words plain, lines as lines, order kept, and no anchors for the same list twice."""
    same = ["a"]

    assert yaml_of({"kind": "Pattern", "b": "one\ntwo\n", "a": same, "c": same}) == (
        "kind: Pattern\nb: |\n  one\n  two\na:\n- a\nc:\n- a\n"
    )


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 2026-03-05", {"a": "2026-03-05"}),
        ("a: 12:30:45", {"a": "12:30:45"}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: 320.0", {"a": 320.0}),
        ("1: a", {"1": "a"}),
        ("true: a", {"true": "a"}),
        ("{a: [1, null, ~]}", {"a": [1, None, None]}),
        ('{"a": "\\u00e9"}', {"a": "é"}),
    ],
)
def test_manifests_are_read_as_kubectl_reads_them(text: str, data: Any) -> None:
    """JSON is YAML too."""
    assert json_of(text.encode(), levels=64) == data


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a: [1", "line 2"),
        (b"a: &x 1\nb: *x", "aliases"),
        (b"a: &x [1]\nb: &y [*x, *x]", "aliases"),
        (b"---\na: 1\n---\nb: 1", "2 YAML documents"),
        (b"", "0 YAML documents"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b"[" * 100_000, "deeper than 64"),
        (b"a: !!python/object:os.system x", "constructor"),
        (b"a: !!set {x}", "JSON"),
        (b"a: !!binary aGk=", "JSON"),
        (b"a: .nan", "JSON"),
        (b"a: .inf", "JSON"),
        (b"? [a, b]\n: c", "unhashable key"),
        (b"a: \xff\xfe", "YAML"),
        (b"a: \x00", "YAML"),
        (b'a: "\\ud800"', "YAML"),
        (b"a: 1\nb: {c: 1, c: 2}", "line 2, column 11: an object has the same key twice: c"),
        (b"a: 18446744073709551616", "line 1, column 4: an integer of more than 64 bits"),
    ],
)
def test_what_json_cannot_say_or_costs_too_much_is_refused(text: bytes, told: str) -> None:
    """One sentence each; nothing is built before it was looked at."""
    with pytest.raises(BadInput) as failure:
        json_of(text, levels=64)

    assert told in str(failure.value)
