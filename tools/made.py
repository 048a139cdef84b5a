"""Files that are made: written where they are stale, or with ``--check`` only named."""

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write(files: Iterable[tuple[Path, str]]) -> int:
    """Write what differs from its text; give the exit code, 1 for what is stale under --check."""
    is_check = "--check" in sys.argv
    stale = [each for each in files if not each[0].exists() or each[0].read_text() != each[1]]
    for path, text in stale:
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        verb = "stale, run make fmt" if is_check else "written"
        print(f"{path.relative_to(ROOT)}: {verb}")
    return 1 if stale and is_check else 0


def below(page: Path, mark: str, text: str) -> tuple[Path, str]:
    """Give a page whose part below a mark is made."""
    return page, page.read_text().partition(mark)[0] + mark + "\n" + text
