"""When computed nodes are evaluated: anew for each action that reads them, once in each reading."""

from support.patterns import chain, node, pattern, wire, wires
from support.runs import run_pattern

START = node("start", "OnStart")
DICE = node("dice", "Random")  # 0.25, 0.5, 0.75 in these runs


def test_two_actions_that_read_one_random_get_two_numbers() -> None:
    outcome = run_pattern(
        pattern(
            "two",
            *(START, DICE, node("a", "Log"), node("b", "Log"), chain("start", "a", "b")),
            *(wire("dice.result", "a.message"), wire("dice.result", "b.message")),
        ),
        {"data": {}},
    )

    assert outcome.texts() == ["0.25", "0.5"]


def test_each_turn_of_a_loop_reads_anew() -> None:
    outcome = run_pattern(
        pattern(
            "turns",
            *(START, DICE, node("each", "ForRange", end=3), node("a", "Log")),
            wires("start.exec -> each.exec", "each.body -> a.exec", "dice.result -> a.message"),
        ),
        {"data": {}},
    )

    assert outcome.texts() == ["0.25", "0.5", "0.75"]


def test_one_action_gets_one_number_by_whatever_ways() -> None:
    """The ways part at the dice and meet again: they are one reading."""
    outcome = run_pattern(
        pattern(
            "one",
            *(START, DICE, node("minus", "Negate"), node("sum", "Add"), node("twice", "Add")),
            *(node("text", "Format", template="{sum} {twice} {dice}"), node("a", "Log")),
            wires("dice.result -> minus.value", "dice.result -> sum.a", "minus.result -> sum.b"),
            wires("dice.result -> twice.a", "dice.result -> twice.b", "dice.result -> text.dice"),
            wires("sum.result -> text.sum", "twice.result -> text.twice", "start.exec -> a.exec"),
            wires("text.result -> a.message"),
        ),
        {"data": {}},
    )

    assert outcome.texts() == ["0 0.5 0.25"]
