"""The OpenAPI description and the pages about the API."""

import json
import re
from pathlib import Path

from dragops_api.app import create_api
from dragops_api.auth import PUBLIC
from dragops_api.described import described
from dragops_api.documented import CODES
from support.api_door import Door

GOLDEN = Path(__file__).parents[2] / "data/openapi.json"
DOCUMENT = described(create_api())
OPERATIONS = [op for path in DOCUMENT["paths"].values() for op in path.values()]


def test_the_description_is_the_golden_file() -> None:
    """tools/openapi.py writes it; the diff is read by people."""
    assert json.loads(GOLDEN.read_text()) == DOCUMENT


def test_describing_twice_is_describing_once() -> None:
    """Nothing is added to what the framework keeps."""
    api = create_api()

    assert described(api) == described(api)


def test_every_guarded_operation_documents_its_refusals_and_its_token() -> None:
    """401 and 403 everywhere, 400 instead of the framework's 422."""
    for operation in OPERATIONS:
        if operation["operationId"] in PUBLIC:
            continue
        assert {"400", "401", "403", "503"} <= operation["responses"].keys()
        assert operation["security"] == [{"token": []}]
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)


def test_every_code_is_documented_somewhere_with_an_example() -> None:
    """A client can be written from the description alone."""
    told = set(re.findall(r'"error": \{"code": "([A-Z_]+)"', json.dumps(OPERATIONS)))

    assert told == CODES.keys()


async def test_the_pages_are_public_and_load_nothing_from_elsewhere(door: Door) -> None:
    """No CDN: an installation without internet shows them too."""
    page = await door.http.get("/docs")
    document = await door.http.get("/openapi.json")

    assert page.status_code == document.status_code == 200
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text)
    assert document.json() == DOCUMENT


async def test_probes_say_ok_without_an_envelope(door: Door) -> None:
    """The kubelet reads the status only."""
    for path in ("/healthz", "/readyz"):
        answer = await door.http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
