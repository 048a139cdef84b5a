"""Reads an XML text once for what is wrong with it, before anything is made of it."""

from collections import Counter
from typing import Any
from xml.parsers import expat

from dragops.nodes.limits import DEPTH_MAX, bounded_size, limit_error
from dragops.nodes.parsing import parse_error


def check_xml(text: str) -> None:
    """Refuse what is not well-formed, declares a document type, or nests too deep."""
    parser = expat.ParserCreate("utf-8")
    inside: list[Counter[str]] = [Counter()]  # of each open element, its children by name

    def opened(name: str, _: Any) -> None:
        inside[-1][name] += 1
        bounded_size(inside[-1][name], "Array")
        if len(inside) == DEPTH_MAX:
            raise limit_error(f"values nest {DEPTH_MAX} levels")
        inside.append(Counter())

    def closed(_: str) -> None:
        inside.pop()

    def declared(*_: Any) -> None:
        line = parser.CurrentLineNumber
        raise parse_error("plain XML", "a DOCTYPE is refused: take it out", line)

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as exc:
        told = expat.ErrorString(exc.code)
        raise parse_error("XML", told, exc.lineno, exc.offset + 1) from exc
    except UnicodeEncodeError as exc:
        raise parse_error("XML", exc) from exc
