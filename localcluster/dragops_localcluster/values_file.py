"""The values of a caller's own cluster: helm reads the file, the driver only what it must know.

Nodes elsewhere get their images from a registry, so the file has to name all three.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dragops_localcluster.app_image import PARTS
from dragops_localcluster.trouble import Trouble

HOW = "docs/install.md says how to push them and what to write"


@dataclass(frozen=True, slots=True)
class Values:
    """Where the file is, and the workspace of the example in it."""

    path: str
    workspace: str


def read_values(path: str) -> Values:
    """Read the file and refuse one that leaves the nodes without images."""
    if not path:
        raise Trouble(
            f"name the images that your cluster's nodes can pull: VALUES=file with images.*; {HOW}"
        )
    document = _read(Path(path))
    images = document.get("images")
    named = images if isinstance(images, dict) else {}
    missing = [f"images.{part.name}" for part in PARTS if not named.get(part.name)]
    if missing:
        raise Trouble(f"{path} does not name {', '.join(missing)}; {HOW}")
    return Values(str(Path(path).absolute()), _workspace(document))


def _workspace(document: dict[str, Any]) -> str:
    """Give the default workspace, as the chart finds it."""
    listed = document.get("workspaces") or ["default"]
    if not isinstance(listed, list):
        raise Trouble("the value workspaces is not a list of namespaces")
    return str(document.get("defaultWorkspace") or listed[0])


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text())
    except FileNotFoundError as exc:
        raise Trouble(f"VALUES names {path}, which does not exist") from exc
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise Trouble(f"VALUES names {path}, which cannot be read as YAML: {exc}") from exc
    if not isinstance(document, dict):
        raise Trouble(f"VALUES names {path}, which holds no values: it is not a YAML mapping")
    return document
