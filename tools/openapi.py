"""Write the OpenAPI description of the API: tests/data/openapi.json. ``--check`` only compares."""

import json
import sys
from pathlib import Path

from dragops_api.app import create_api
from dragops_api.described import described

GOLDEN = Path(__file__).parents[1] / "tests" / "data" / "openapi.json"


def main() -> int:
    """Write the file, or say that it is stale."""
    text = json.dumps(described(create_api()), indent=1, sort_keys=True) + "\n"
    if "--check" not in sys.argv:
        GOLDEN.write_text(text)
        return 0
    if GOLDEN.exists() and GOLDEN.read_text() == text:
        return 0
    print(f"{GOLDEN.name} is stale: run make fmt")
    return 1


if __name__ == "__main__":
    sys.exit(main())
