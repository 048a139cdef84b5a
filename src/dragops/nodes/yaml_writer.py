"""YAML out: block style, in an order and a form that reads back the same."""

import re
from datetime import datetime
from typing import Any, Final

import yaml
from typing_extensions import override

from dragops.errors import RunFailure
from dragops.nodes.convert import to_string
from dragops.nodes.limits import (
    ITEMS_MAX,
    BoundedWriter,
    bounded_depth,
    bounded_text,
    limit_error,
)
from dragops.nodes.yaml_scalars import CORE, PLAIN

_END: Final = "\n...\n"


class _Dumper(yaml.CSafeDumper):
    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True


# texts that either version of YAML would read as something else are quoted
for _kind, _form in PLAIN.items():
    _Dumper.add_implicit_resolver(CORE + _kind, re.compile(f"(?:{_form.pattern})$"), None)


def written(value: Any) -> str:
    """Write a value that reads back the same; DateTimes and Binaries as their texts."""
    bounded_depth(value)
    out = BoundedWriter()
    try:
        yaml.dump(
            _plain(value, [ITEMS_MAX]),
            out,
            Dumper=_Dumper,
            allow_unicode=True,
            default_flow_style=False,
            sort_keys=False,
            width=2**31 - 1,
        )
    except (yaml.YAMLError, UnicodeEncodeError) as exc:
        raise RunFailure("ConversionError", f"YAML cannot hold this: {exc}") from exc
    text = out.getvalue()
    # the end of the document, which stands after a text alone
    return bounded_text(text.removesuffix("...\n") if text.endswith(_END) else text)


def _plain(value: Any, room: list[int]) -> Any:
    room[0] -= 1
    if room[0] < 0:
        raise limit_error(f"a YAML text holds {ITEMS_MAX} values")
    if isinstance(value, dict):
        return {key: _plain(inner, room) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, room) for inner in value]
    return to_string(value, "value") if isinstance(value, datetime | bytes) else value
