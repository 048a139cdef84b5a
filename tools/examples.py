"""Write beside each example's pattern what is made of it: the program, and the picture.

``--check`` only compares.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from dragops.cli.documents import local_pattern, spec_of_file
from dragops.cli.drawing.scene import scene_of
from dragops.cli.drawing.svg import svg_of
from dragops.cli.verdicts import compiled

ROOT = Path(__file__).parents[1]


def made() -> Iterator[tuple[Path, str]]:
    """Give each file that is made, with its text."""
    for manifest in sorted(ROOT.glob("examples/[0-9]*/*pattern.yaml")):
        name = manifest.stem.removesuffix("pattern")
        found = local_pattern(str(manifest))
        yield manifest.with_name(f"{name}program.py"), compiled(found).text
        picture = svg_of(scene_of(spec_of_file(found), title=found.name))
        yield manifest.with_name(f"{name}graph.svg"), picture


def main() -> int:
    """Rewrite what is made, or say what of it is stale."""
    stale = []
    for path, text in made():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.write_text(text)
    verb = "stale, run make fmt" if "--check" in sys.argv else "written"
    for name in stale:
        print(f"{name}: {verb}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
