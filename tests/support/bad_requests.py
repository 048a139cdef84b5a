"""Rows of tests/data/bad_requests: what is sent, and the one answer that it gets.

A row of a file there:

    - what: a name that is a number            # the test's name
      call: PUT /api/patterns/{pattern}        # {pattern} {deployment} {paused} {undeployed}
                                               # {scheduled} {environment}
      body: {name: 5}                          # sent as JSON; or one of:
      raw: '{"name": '                         # exactly this text
      hex: ff fe                               # exactly these bytes
      pieces: ['{"name": "', [x, 5000000]]     # a text, and a text so many times
      headers: {Content-Type: text/plain}      # several of a name as a list
      token: null                              # no token; without the key it is Ada's
      answer: 400 VALIDATION
      at: body.name                            # the path in details, where there are any
        says: Input should be a valid string     # the message, whole
      also: [[body.tags, "..."]]               # further details: path and message

``says`` is the message of the detail where there is one; the error's own message names its path.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import yaml

FOLDER = Path(__file__).parents[1] / "data/bad_requests"
_KEYS = {
    *("what", "call", "body", "raw", "hex", "pieces", "headers", "token"),
    *("answer", "at", "says", "also"),
}


@dataclass(frozen=True)
class BadRequest:
    """One row."""

    file: str
    row: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.file}: {self.row['what']}"

    @property
    def method(self) -> str:
        """Give the method."""
        return str(self.row["call"].split()[0])

    @property
    def path(self) -> str:
        """Give path and query."""
        return str(self.row["call"].split(maxsplit=1)[1])

    def about(self, ids: dict[str, str]) -> "BadRequest":
        """Give the row with the ids of what is there."""
        row = dict(self.row)
        for key, (name, id_) in product(("call", "says"), ids.items()):
            row[key] = row[key].replace("{" + name + "}", id_)
        return BadRequest(self.file, row)

    def headers(self, token: str) -> list[tuple[str, str]]:
        """Give the headers, the token's among them."""
        told: dict[str, Any] = {"Authorization": f"Bearer {token}"}
        if self.row.get("token", token) is None:
            del told["Authorization"]
        if self.content is not None:
            told["Content-Type"] = "application/json"
        told |= self.row.get("headers", {})
        return [
            (name, str(value))
            for name, values in told.items()
            for value in (values if isinstance(values, list) else [values])
            if value is not None
        ]

    @cached_property
    def content(self) -> Any:
        """Give the body's bytes or its JSON value's; None for none."""
        row = self.row
        if "hex" in row:
            return bytes.fromhex(row["hex"])
        if "pieces" in row:
            pieces = (p if isinstance(p, str) else p[0] * p[1] for p in row["pieces"])
            return "".join(pieces).encode()
        if "raw" in row:
            return row["raw"].encode()
        return orjson.dumps(row["body"]) if "body" in row else None

    @property
    def answer(self) -> tuple[int, str]:
        """Give status and code."""
        status, code = self.row["answer"].split()
        return int(status), code

    @property
    def details(self) -> list[dict[str, str]]:
        """Give the details, none where no path is named."""
        if "at" not in self.row:
            return []
        told = [(self.row["at"], self.row["says"]), *self.row.get("also", ())]
        return [{"path": path, "message": message} for path, message in told]

    @property
    def messages(self) -> set[str]:
        """Give what the error itself may say: sentences that begin with the field, or its path."""
        if not self.details:
            return {self.row["says"]}
        with_paths = [f"{d['path']}: {d['message']}" for d in self.details[:3]]
        sentences = [
            d["message"] if d["message"].startswith(d["path"].split(".")[-1] + " ") else with_path
            for d, with_path in zip(self.details[:3], with_paths, strict=True)
        ]
        return {"; ".join(with_paths), "; ".join(sentences)}


def bad_requests() -> list[BadRequest]:
    """Give every row of every file."""
    rows = [
        BadRequest(path.stem, row)
        for path in sorted(FOLDER.glob("*.yaml"))
        for row in yaml.safe_load(path.read_text())
    ]
    for each in rows:
        assert {"what", "call", "answer", "says"} <= each.row.keys() <= _KEYS, each
    return rows
