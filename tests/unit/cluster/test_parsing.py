"""JSON of the API server, however deep."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragops.cluster.parsing import parsed

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text('[]{}"\\ é', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('[]{}"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("levels", [300, 1_000, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"[":', "}]")])
def test_a_value_that_is_too_deep_hides_nothing_beside_it(
    levels: int, opening: str, closing: str
) -> None:
    """What lies too deep is left out; whatever stands beside it or after it is there."""
    deep = opening * levels + "1" + closing * levels
    text = f'{{"items": [{{"name": "a", "deep": {deep}}}, {{"name": "b]", "deep": [[1]]}}]}}'

    items = parsed(text.encode())["items"]

    assert [item["name"] for item in items] == ["a", "b]"]
    assert items[0]["deep"]
    assert items[1]["deep"] == [[1]]


@given(values, values)
def test_brackets_in_texts_are_no_brackets(beside: object, after: object) -> None:
    """Texts are passed over whole, with their quotes and backslashes."""
    text = b'{"a": %b, "b": %b, "c": %b}'
    deep = b"[" * 2_000 + b"]" * 2_000

    found = parsed(text % (orjson.dumps(beside), deep, orjson.dumps(after)))

    assert (found["a"], found["c"]) == (beside, after)


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 5_000, b'{"a": ]}', b"]" * 5_000])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """Cut texts too, however deep they are."""
    with pytest.raises(orjson.JSONDecodeError):
        parsed(text)
