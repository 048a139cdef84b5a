"""What makes a program good to read: its first line, its names, and nothing that says nothing."""

import pytest

from dragops.compiler.compile import compile_pattern
from dragops.compiler.names import Names
from support.patterns import chain, node, pattern, wire, wires

START, LOG = node("start", "OnStart"), node("log", "Log")


@pytest.mark.parametrize(
    ("title", "first"), [("Say hello", "Say hello"), ("", "hello"), ("  ", "hello")]
)
def test_a_program_begins_with_the_name_of_its_pattern(title: str, first: str) -> None:
    """The resource's, where people have given it none."""
    program = compile_pattern(pattern(title, START), name="hello")

    assert program.text.partition(":")[0] == f'"""{first}'


def test_what_python_has_a_name_for_gets_an_underscore() -> None:
    """A number says that there are several, and nothing else."""
    names = Names("ctx")

    taken = [names.take(wish) for wish in ("sorted", "sorted", "class", "ctx", "total", "total")]

    assert taken == ["sorted_", "sorted_2", "class_", "ctx_2", "total", "total_2"]


@pytest.mark.parametrize(
    ("pins", "target"),
    [
        (("response",), "ask_response, *_"),
        (("ok",), "_, _, _, ask_ok, *_"),
        (("responseBody",), "*_, ask_response_body"),
        (("status", "statusCode"), "_, ask_status, _, _, ask_status_code, *_"),
    ],
)
def test_a_call_names_the_outputs_that_are_read(pins: tuple[str, ...], target: str) -> None:
    """The others are passed over, however many there are."""
    logs = [node(f"log{at}", "Log") for at in range(len(pins))]
    spec = pattern(
        "p",
        *(START, node("ask", "HttpRequest", url="https://a.test"), *logs),
        chain("start", "ask", *(each.id for each in logs)),
        *(wire(f"ask.{pin}", f"log{at}.message") for at, pin in enumerate(pins)),
    )

    text = compile_pattern(spec, name="p").text

    assert f"    {target} = await http.http_request(" in text


def test_the_last_case_of_a_switch_needs_no_names() -> None:
    """Cases that fire what default fires are all the rest."""
    spec = pattern(
        "p",
        *(START, node("s", "Switch", value="a", cases=["a", "b"]), LOG, node("b", "Log")),
        wires("start.exec -> s.exec", "s.case0 -> b.exec", "s.case1 -> log.exec"),
        wire("s.default", "log.exec"),
    )

    text = compile_pattern(spec, name="p").text

    assert [line.strip() for line in text.splitlines() if "case " in line] == [
        'case "a":',
        "case _:",
    ]


@pytest.mark.parametrize(("jump", "other"), [("Break", "Continue"), ("Continue", "Break")])
def test_a_loop_catches_only_the_jumps_that_can_reach_it(jump: str, other: str) -> None:
    """A reader need not look for the other one."""
    spec = pattern(
        "p",
        *(START, node("each", "ForEach", collection=[1]), node("again", "Retry")),
        node("jump", jump),
        wires("start.exec -> each.exec", "each.body -> again.exec", "again.body -> jump.exec"),
    )

    text = compile_pattern(spec, name="p").text

    assert f"except loops.{jump}Loop" in text
    assert f"loops.{other}Loop" not in text
