"""Which of the chart's roles may what: a right that a new route needs is a new row here."""

EVERYBODY = "view operate edit admin"
TABLE = {
    "list patterns": EVERYBODY,
    "get patterns": EVERYBODY,
    "create patterns": "edit admin",
    "update patterns": "edit admin",
    "delete patterns": "edit admin",
    "list patterndeployments": EVERYBODY,
    "get patterndeployments": EVERYBODY,
    "create patterndeployments": "edit admin",
    "update patterndeployments": "edit admin",
    "delete patterndeployments": "edit admin",
    "list environments": EVERYBODY,
    "get environments": EVERYBODY,
    "create environments": "edit admin",
    "update environments": "edit admin",
    "delete environments": "edit admin",
    "get patterndeployments/runs": EVERYBODY,
    "watch patterndeployments/runs": EVERYBODY,
    "update patterndeployments/runs": "operate edit admin",
    "update patterndeployments/state": "operate edit admin",
    "create patterndeployments/execute": "operate edit admin",
    "get patterndeployments/secrets": "admin",
    "update patterndeployments/secrets": "admin",
}
"""Right -> the roles that have it; a right that a new route needs is a new row here."""


def rights_of(role: str) -> set[str]:
    """Give the rights of the table that a role has."""
    return {right for right, roles in TABLE.items() if role in roles.split()}
