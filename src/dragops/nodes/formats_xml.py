"""Data formats: XML as Objects, by expat; nothing in a text is fetched, declared or expanded."""

import re
from typing import Any, Final

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import quoted, to_string
from dragops.nodes.limits import (
    BYTES_MAX,
    BoundedWriter,
    bounded_depth,
    bounded_items,
    bounded_text,
    limit_error,
)
from dragops.nodes.parsing import without_mark

category = Category("Data Formats")

_START: Final = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = re.compile(f"[{_START}][-.0-9\xb7\u0300-\u036f\u203f\u2040{_START}]*")
_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@category.node('XmlParse "Parse XML" pure (text: String!) -> (value: Object)')
def xml_parse(text: str) -> dict[str, Any]:
    """Read an XML text: elements are keys, attributes begin with `@`, repeated ones are Arrays.

    Text beside attributes or elements is `#text`, an empty element null.
    """
    import xmltodict  # noqa: PLC0415  # up to 9 MB that few need

    from dragops.nodes.xml_checks import check_xml  # noqa: PLC0415  # as above

    told = without_mark(text)
    check_xml(told)
    value: dict[str, Any] = xmltodict.parse(told)
    bounded_items(value)
    return value


@category.node(
    'XmlStringify "Stringify XML" pure (value: Object!) [declaration: Boolean = false]'
    " -> (text: String)",
)
def xml_stringify(value: dict[str, Any], declaration: bool = False) -> str:
    """Write an Object as XML, in the form in which Parse XML reads it; it has exactly one root."""
    import xmltodict  # noqa: PLC0415  # as above

    bounded_depth(value)
    if len(value) != 1:
        raise RunFailure("ParseError", f"XML has one root: give one key, not {len(value)}")
    ((name, root),) = value.items()
    if isinstance(root, list) and len(root) != 1:
        raise RunFailure("ParseError", f"XML has one root, not an Array of {len(root)}")
    if name.startswith(("@", "#")):
        raise RunFailure("ParseError", f"XML has an element at its root, not {quoted(name)}")
    out = BoundedWriter()
    xmltodict.unparse(_Elements().of({name: root}), out, full_document=declaration)
    return bounded_text(out.getvalue())


class _Elements:
    """Makes what xmltodict writes, and stops before that is larger than a String may be."""

    def __init__(self) -> None:
        self._room = BYTES_MAX

    def of(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Give an Object's parts as texts, elements and lists of them."""
        return {key: self._part(key, value) for key, value in parts.items()}

    def _part(self, key: str, value: Any) -> Any:
        is_text = key == "#text" or key.startswith("@")
        if key != "#text" and not _NAME.fullmatch(key.removeprefix("@")):
            raise _cannot(f"an element or attribute with the name {quoted(key)}")
        if is_text:
            return None if value is None else self._text(value)
        if isinstance(value, list):
            return [self._element(key, each) for each in value]
        return self._element(key, value)

    def _element(self, key: str, value: Any) -> Any:
        self._take(2 * len(key) + len("<></>"))
        if isinstance(value, dict):
            return self.of(value)
        if isinstance(value, list):
            raise _cannot(f"an Array in the Array {quoted(key)}")
        return None if value is None else self._text(value)

    def _text(self, value: Any) -> str:
        text = to_string(value, "value")
        self._take(len(text))
        if found := _NO_TEXT.search(text):
            raise _cannot(f"the character {found[0]!r}")
        return text

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise limit_error("a String holds 10 MiB")


def _cannot(what: str) -> RunFailure:
    return RunFailure("ParseError", f"XML cannot hold {what}")
