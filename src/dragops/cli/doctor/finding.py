"""What doctor finds: one line each, with what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: Verdict
    told: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """Give it for scripts."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "message": self.told,
            "mend": self.mend,
        }


def good(check: str, told: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(check, Verdict.OK, told)


def warn(check: str, told: str, mend: str) -> Finding:
    """Say that something works, but not as it should."""
    return Finding(check, Verdict.WARN, told, mend)


def fail(check: str, told: str, mend: str) -> Finding:
    """Say that something is broken."""
    return Finding(check, Verdict.FAIL, told, mend)


def skip(check: str, told: str, mend: str = "") -> Finding:
    """Say that something could not be looked at."""
    return Finding(check, Verdict.SKIP, told, mend)
