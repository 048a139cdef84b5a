"""Write the OpenAPI description of the API: tests/data/openapi.json. ``--check`` only compares."""

import json
import sys
from pathlib import Path

import made

from dragops_api.app import create_api
from dragops_api.described import described

GOLDEN = Path(__file__).parents[1] / "tests" / "data" / "openapi.json"


def main() -> int:
    """Write the file, or say that it is stale."""
    text = json.dumps(described(create_api()), indent=1, sort_keys=True) + "\n"
    return made.write([(GOLDEN, text)])


if __name__ == "__main__":
    sys.exit(main())
