"""What a Pattern's parts read."""

import pytest

from dragops.model.pattern import Position


@pytest.mark.parametrize(
    ("sent", "x", "y"),
    [
        ({"x": 1, "y": 2}, 1, 2),
        ({}, 0, 0),
        ({"x": 1, "true": 2}, 1, 2),
        ({"x": 1, "y": 0, "true": 2}, 1, 2),
    ],
)
def test_a_position_is_read_as_it_was_meant(sent: dict[str, float], x: float, y: float) -> None:
    """kubectl makes ``true: 2`` of ``y: 2``; the API server then adds the default of y."""
    position = Position.model_validate(sent)

    assert (position.x, position.y) == (x, y)
    assert position.as_json() == {"x": x, "y": y}
