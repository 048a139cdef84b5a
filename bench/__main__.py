"""Runs the cases and prints their tables as Markdown."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the builders of tests/support make the rigs

from bench.case import CASES, Options  # noqa: E402 after the path

for module in ("webhooks", "installed", "reads", "compile", "nodes", "engine_memory", "node_red"):
    import_module(f"bench.{module}")


def main() -> int:
    """Run the cases that were named, or all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"of: {', '.join(CASES)}; all when left out")
    parser.add_argument("--seconds", type=int, default=30, help="of each round (30)")
    parser.add_argument("--repeat", type=int, default=5, help="rounds, of which the median (5)")
    given = parser.parse_args()
    unknown = set(given.case) - CASES.keys()
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    for name in given.case or CASES:
        table = CASES[name](Options(seconds=given.seconds, repeat=given.repeat))
        sys.stdout.write(table.markdown() + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
