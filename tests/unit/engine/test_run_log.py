"""The log of a run that has several attempts."""

import orjson

from dragops.engine.run_log import ENTRY_BYTES_MAX, LOG_BYTES_MAX, RunLog


def test_room_is_made_for_long_entries_too() -> None:
    """Half of the bytes are free then; the newest entries stay, the others are counted."""
    log, most = RunLog(), LOG_BYTES_MAX // ENTRY_BYTES_MAX
    written = [log.write("info", None, f"{n:02}" + "ü" * ENTRY_BYTES_MAX) for n in range(most + 3)]

    log.make_room()
    again = [log.write("info", None, "x" * ENTRY_BYTES_MAX) for _ in range(most // 2 + 1)]

    assert [each is not None for each in written] == [True] * most + [False] * 3
    assert [each is not None for each in again] == [True] * (most // 2) + [False]
    kept = orjson.loads(log.as_json() or "")
    newest = [f"{n:02}" for n in range(most // 2, most)]
    assert [entry[3][:2] for entry in kept[: most // 2]] == newest
    assert log.dropped == 3 + most // 2 + 1


def test_room_that_is_there_is_not_made() -> None:
    """A short log stays whole."""
    log = RunLog()
    log.write("info", "node", "said")

    log.make_room()

    assert [entry[1:] for entry in orjson.loads(log.as_json() or "")] == [["info", "node", "said"]]
    assert log.dropped == 0
