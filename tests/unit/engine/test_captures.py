"""Captured events: bounded in number and in bytes, newest first."""

from dragops.engine.captures import Captures


def _numbers(captures: Captures, uid: str) -> list[int]:
    return [event["n"] for event in captures.of(uid)]


def test_the_newest_twenty_of_each_endpoint_are_kept_in_order() -> None:
    """Two endpoints of one deployment are one list, and each has its own twenty."""
    captures = Captures()
    for number in range(50):
        captures.add("uid-a", "odd" if number % 2 else "even", {"n": number}, 10)

    assert _numbers(captures, "uid-a") == list(range(49, 9, -1))
    assert captures.of("uid-a")[0] == {"nodeId": "odd", "n": 49}


def test_another_deployment_of_the_same_name_sees_nothing() -> None:
    """A uid is one deployment, a name may be many in turn."""
    captures = Captures()
    captures.add("uid-a", "hook", {"n": 1}, 10)

    assert _numbers(captures, "uid-b") == []


def test_what_is_too_large_to_look_at_is_not_kept() -> None:
    """A mebibyte at most."""
    captures = Captures()
    captures.add("uid-a", "hook", {"n": 1}, 1_048_577)
    captures.add("uid-a", "hook", {"n": 2}, 1_048_576)

    assert _numbers(captures, "uid-a") == [2]


def test_all_of_them_together_have_a_bound() -> None:
    """The endpoint that has captured nothing for the longest time gives way, oldest event first."""
    captures = Captures(total_bytes=100)
    for uid, number in [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5), ("c", 6), ("c", 7)]:
        captures.add(uid, "hook", {"n": number}, 20)

    assert [_numbers(captures, uid) for uid in "abc"] == [[4, 2], [], [7, 6, 5]]
