"""Fills the texts beside this file: ``<scheme>/<language>.txt``, with ``{{name}}`` for each value.

Every value enters a program as a literal of that language, made in one place. The secret comes from
an environment variable; the real one is its default only where the caller may see it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

VARIABLE = "DRAGOPS_WEBHOOK_SECRET"
_PLACE = re.compile(r"\{\{(\w+)\}\}")
# PowerShell takes each of these for a quote
_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
_MISSING = f"Set {VARIABLE} to the signing secret of this webhook"


@dataclass(frozen=True, slots=True)
class SampleCall:
    """One call of a webhook, for which programs are written."""

    scheme: str
    url: str
    method: str
    body: str
    """Sent byte for byte as UTF-8; empty for none."""
    secret: str | None = field(repr=False)
    """None for who may not see it."""


class _Language(NamedTuple):
    literal: Callable[[str], str]
    default: str
    """The secret's expression where there is a default, which stands for ``%s``."""
    required: str
    """The same where there is none."""


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _powershell(text: str) -> str:
    return "'" + _POWERSHELL_QUOTES.sub(lambda quote: quote[0] * 2, text) + "'"


_LANGUAGES = {
    "curl": _Language(_shell, f"${{{VARIABLE}:-%s}}", f"${{{VARIABLE}:?{_MISSING}}}"),
    "python": _Language(
        ascii,
        f'os.environ.get("{VARIABLE}") or %s',
        f'os.environ.get("{VARIABLE}") or sys.exit("{_MISSING}")',
    ),
    "javascript": _Language(
        json.dumps,
        f"process.env.{VARIABLE} || %s",
        f'process.env.{VARIABLE} || (() => {{ throw new Error("{_MISSING}"); }})()',
    ),
    "pwsh": _Language(
        _powershell,
        f"if ($env:{VARIABLE}) {{ $env:{VARIABLE} }} else {{ %s }}",
        f"if ($env:{VARIABLE}) {{ $env:{VARIABLE} }} else {{ throw '{_MISSING}' }}",
    ),
}


def sample_programs(call: SampleCall) -> dict[str, str]:
    """Write the programs, by language."""
    return {name: _program(call, name, language) for name, language in _LANGUAGES.items()}


def _program(call: SampleCall, name: str, language: _Language) -> str:
    plain = {"url": call.url, "method": call.method, "body": call.body}
    values = {key: language.literal(text) for key, text in plain.items()}
    if call.secret is None:
        values["secret"] = language.required
    else:
        values["secret"] = language.default.replace("%s", language.literal(call.secret))
    text = files(__package__).joinpath(call.scheme, f"{name}.txt").read_text()
    # one pass: what looks like a place inside a value stays as it is
    return _PLACE.sub(lambda place: values[place[1]], text)
