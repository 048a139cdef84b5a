"""What the driver must know of a caller's values, and what it refuses."""

from pathlib import Path

import pytest

from dragops_localcluster.trouble import Trouble
from dragops_localcluster.values_file import Values, read_values

IMAGES = "images: {api: r/api:1, operator: r/operator:1, engine: r/engine:1}\n"


@pytest.mark.parametrize(
    ("rest", "workspace"),
    [
        ("", "default"),
        ("workspaces: [team-a, team-b]\n", "team-a"),
        ("workspaces: [team-a, team-b]\ndefaultWorkspace: team-b\n", "team-b"),
    ],
)
def test_the_example_goes_where_the_chart_has_its_default(
    rest: str, workspace: str, tmp_path: Path
) -> None:
    """The user of .local/env lives there."""
    path = tmp_path / "values.yaml"
    path.write_text(IMAGES + rest)

    assert read_values(str(path)) == Values(str(path), workspace)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not a YAML mapping"),
        ("- a\n", "it is not a YAML mapping"),
        ("a: [\n", "cannot be read as YAML"),
        ("publicUrl: x\n", "does not name images.api, images.operator, images.engine"),
        ("images: {api: a, engine: ''}\n", "does not name images.operator, images.engine"),
        ("images: x\n", "does not name images.api"),
        (IMAGES + "workspaces: team-a\n", "workspaces is not a list"),
    ],
)
def test_values_that_cannot_work_are_refused(text: str, said: str, tmp_path: Path) -> None:
    """Before anything is built, as nodes elsewhere cannot get what is only here."""
    path = tmp_path / "values.yaml"
    path.write_text(text)

    with pytest.raises(Trouble, match=said):
        read_values(str(path))


def test_no_values_and_no_file_say_what_to_do(tmp_path: Path) -> None:
    """One sentence each."""
    with pytest.raises(Trouble, match=r"VALUES=file with images\.\*; docs/install\.md"):
        read_values("")
    with pytest.raises(Trouble, match=r"none\.yaml, which does not exist"):
        read_values(str(tmp_path / "none.yaml"))
