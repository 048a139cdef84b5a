"""Faults of the machine are sentences; faults of ours keep their traceback."""

import errno

import pytest

from dragops_localcluster.trouble import sentence_for


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full: /x; free some space"),
        (errno.EDQUOT, "your quota of the disk is used up: /x"),
        (errno.EACCES, "you may not write /x; take a checkout of your own"),
        (errno.EROFS, "/x cannot be written, as its disk is read-only"),
        (errno.EBADF, ""),
    ],
)
def test_a_fault_of_the_machine_says_what_to_do(number: int, said: str) -> None:
    """With the file where it happened."""
    assert sentence_for(OSError(number, "why", "/x")).startswith(said)
    assert bool(sentence_for(OSError(number, "why", "/x"))) is bool(said)


def test_a_fault_without_a_file_says_what_the_machine_said() -> None:
    """A full pipe or a socket has no name."""
    assert "No space left" in sentence_for(OSError(errno.ENOSPC, "No space left on device"))
