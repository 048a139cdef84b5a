"""Log, variables and answers: nodes that act on the run."""

from typing import Any

import pytest

from dragops.errors import RunFailure
from dragops.nodes.convert import to_any, to_array, to_integer, to_string
from dragops.nodes.http import respond_to_webhook
from dragops.nodes.objects import set_property
from dragops.nodes.utility import emit_event, log
from dragops.nodes.variables import (
    append_to_array,
    append_to_string,
    get_variable,
    increment_variable,
    set_variable,
)
from support.context import RecordingContext

TYPES = {"count": to_integer, "names": to_array, "text": to_string, "any": to_any}


def context() -> RecordingContext:
    return RecordingContext({"count": 1, "names": [], "text": "", "any": None})


def test_a_long_entry_is_cut_at_16_kib() -> None:
    """Between code points, with an ellipsis."""
    ctx = context()

    log(ctx, message="é" * 10_000, level="warn")

    level, text, _ = ctx.logged[0]
    assert level == "warn"
    assert text.endswith("é…")
    assert 16 * 1024 - 2 < len(text.encode()) <= 16 * 1024


def test_a_write_converts_to_the_declared_type() -> None:
    ctx = context()

    set_variable(ctx, TYPES, name="count", value="7.0")
    set_variable(ctx, TYPES, name="text", value=3.0)

    assert ctx.variables == {"count": 7, "names": [], "text": "3", "any": None}


@pytest.mark.parametrize(("amount", "stored"), [(1, 2), (0.5, 1), (2.7, 3), (-5, -4)])
def test_an_increment_gives_what_is_stored(amount: float, stored: int) -> None:
    """An Integer variable stays one."""
    ctx = context()

    assert increment_variable(ctx, TYPES, name="count", amount=amount) == stored
    assert ctx.variables["count"] == stored


@pytest.mark.parametrize("name", ["names", "text", "any"])
def test_what_holds_no_number_cannot_be_incremented(name: str) -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError"):
        increment_variable(context(), TYPES, name=name)


def test_a_list_stays_as_it_was_read_when_the_variable_grows() -> None:
    """Values never change; growing costs a copy only after somebody has read."""
    ctx = context()
    read: list[Any] = []
    for item in "abc":
        append_to_array(ctx, name="names", item=item)
        append_to_array(ctx, name="names", item=None)
        read.append(get_variable(ctx, name="names"))

    assert read == [["a", None], ["a", None, "b", None], ["a", None, "b", None, "c", None]]
    assert all(type(each) is list for each in read)


def test_a_start_value_is_not_touched_by_growing() -> None:
    """The program's defaults serve every run."""
    start = [1]
    ctx = context()
    ctx.variables["names"] = start

    append_to_array(ctx, name="names", item=2)

    assert start == [1]


def test_only_an_array_can_be_appended_to() -> None:
    with pytest.raises(RunFailure, match=r"^ConversionError"):
        append_to_array(context(), name="text", item=1)


def test_an_array_ends_at_100000_items() -> None:
    ctx = context()
    ctx.variables["names"] = [0] * 100_000
    with pytest.raises(RunFailure, match=r"^LimitError"):
        append_to_array(ctx, name="names", item=1)


def test_values_cannot_be_nested_without_end() -> None:
    """However slowly they grow."""
    value: dict[str, Any] = {}
    for _ in range(64):
        value = set_property(key="a", value=value)

    with pytest.raises(RunFailure, match=r"^LimitError: .*64 levels"):
        set_property(key="a", value=value)
    with pytest.raises(RunFailure, match=r"^LimitError: .*64 levels"):
        set_property(key=".".join("a" * 60), value={"a": {"b": {"c": {"d": {"e": 1}}}}})


@pytest.mark.parametrize("write", [get_variable, append_to_array])
def test_an_unknown_variable_is_a_key_error(write: Any) -> None:
    """When its name arrived by wire."""
    with pytest.raises(RunFailure, match=r"^KeyError"):
        write(context(), name="gone")
    with pytest.raises(RunFailure, match=r"^KeyError"):
        set_variable(context(), TYPES, name="gone", value=1)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, (200, {"Content-Type": "text/plain; charset=utf-8"}, "")),
        ({"body": {"a": 1}}, (200, {"Content-Type": "application/json"}, {"a": 1})),
        ({"body": None}, (200, {"Content-Type": "application/json"}, None)),
        ({"body": b"x"}, (200, {"Content-Type": "application/octet-stream"}, b"x")),
        (
            {"body": "<a/>", "headers": {"content-TYPE": "text/xml", "X-N": 5}},
            (200, {"content-TYPE": "text/xml", "X-N": "5"}, "<a/>"),
        ),
        (
            {"status_code": 204, "headers": {"Connection": "close"}, "body": "gone"},
            (204, {"Content-Type": "text/plain; charset=utf-8"}, None),
        ),
    ],
)
def test_an_answer_has_the_type_of_its_body(given: dict[str, Any], sent: Any) -> None:
    """Unless its headers say otherwise; those of the connection are dropped."""
    ctx = context()

    respond_to_webhook(ctx, **given)

    assert ctx.answers == [sent]


@pytest.mark.parametrize(
    ("given", "failure"),
    [
        ({"status_code": 199}, "LimitError"),
        ({"status_code": 600}, "LimitError"),
        ({"headers": {"a b": "c"}}, "ParseError"),
        ({"headers": {"a": "b\r\nc: d"}}, "ParseError"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_a_failure(given: dict[str, Any], failure: str) -> None:
    """Above all a header cannot smuggle in another one."""
    with pytest.raises(RunFailure) as caught:
        respond_to_webhook(context(), **given)
    assert caught.value.type == failure


def test_a_text_grows_at_its_end() -> None:
    """The separator stands between what is added, not before the first of it."""
    ctx = context()

    for text in ("a", "", "b"):
        append_to_string(ctx, TYPES, name="text", text=text, separator=", ")

    assert ctx.variables["text"] == "a, , b"


def test_a_text_is_added_to_whatever_prints() -> None:
    """What comes of it is converted to the declared type."""
    ctx = context()

    append_to_string(ctx, TYPES, name="count", text="0")
    append_to_string(ctx, TYPES, name="any", text="x", separator="-")

    assert (ctx.variables["count"], ctx.variables["any"]) == (10, "x")
    with pytest.raises(RunFailure, match=r"^ConversionError: pin count: '10x'"):
        append_to_string(ctx, TYPES, name="count", text="x")
    with pytest.raises(RunFailure, match=r"^KeyError"):
        append_to_string(ctx, TYPES, name="gone", text="x")


def test_a_text_grows_to_10_mib() -> None:
    """One byte more is a LimitError, and the variable stays as it was."""
    ctx = context()
    append_to_string(ctx, TYPES, name="text", text="x" * 10 * 2**20)

    with pytest.raises(RunFailure, match=r"^LimitError"):
        append_to_string(ctx, TYPES, name="text", text="x")
    assert len(ctx.variables["text"]) == 10 * 2**20


async def test_an_event_is_emitted_with_its_payload() -> None:
    """A topic that arrives by wire is looked at when it arrives."""
    ctx = context()

    await emit_event(ctx, topic="orders/paid", payload={"id": 7})
    with pytest.raises(RunFailure, match="pin topic: 'a b': a topic is 1 to 200 letters") as bad:
        await emit_event(ctx, topic="a b")

    assert (bad.value.type, ctx.emitted) == ("ParseError", [("orders/paid", {"id": 7})])
