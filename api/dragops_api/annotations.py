"""The annotations that the API writes: who asked when, and what REST says of a pattern."""

CHANGED_BY, CHANGED_AT = "dragops.dev/changed-by", "dragops.dev/changed-at"
CREATED_AT = "dragops.dev/created-at"
PUBLIC, TEMPLATE = "dragops.dev/is-public", "dragops.dev/is-template"
"""They say something about a pattern and change nothing in what it does."""
