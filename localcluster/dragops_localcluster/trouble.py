"""What stops the driver, said to the person at the terminal."""

import errno

WHAT_TO_DO = {
    errno.ENOSPC: "the disk is full: {}; free some space and try again",
    errno.EDQUOT: "your quota of the disk is used up: {}; free some space and try again",
    errno.EACCES: "you may not write {}; take a checkout of your own, or another user",
    errno.EPERM: "you may not write {}; take a checkout of your own, or another user",
    errno.EROFS: "{} cannot be written, as its disk is read-only; take a checkout elsewhere",
}


class Trouble(Exception):
    """One sentence: what is missing or wrong here, and what to do about it."""


def sentence_for(exc: OSError) -> str:
    """Say what to do about a fault of the machine; empty for one that is a fault of ours."""
    return WHAT_TO_DO.get(exc.errno or 0, "").format(exc.filename or exc)
