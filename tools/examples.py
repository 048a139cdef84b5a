"""Write beside each example's pattern the program that it compiles to; --check only compares."""

import sys
from pathlib import Path

import yaml

from dragops.compiler.compile import compile_pattern
from dragops.model.pattern import PatternSpec

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Rewrite every examples/*/program.py, or say which are stale."""
    stale = []
    for manifest in sorted(ROOT.glob("examples/*/pattern.yaml")):
        raw = yaml.safe_load(manifest.read_text())
        spec = PatternSpec.model_validate(raw["spec"])
        text = compile_pattern(spec, name=raw["metadata"]["name"]).text
        written = manifest.with_name("program.py")
        if written.exists() and written.read_text() == text:
            continue
        stale.append(str(written.relative_to(ROOT)))
        if "--check" not in sys.argv:
            written.write_text(text)
    verb = "stale, run make fmt" if "--check" in sys.argv else "written"
    for name in stale:
        print(f"{name}: {verb}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
