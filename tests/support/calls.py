"""One good call of every route, so that tests can walk all of them; a new route adds its body."""

import re
from dataclasses import dataclass
from typing import Any

from dragops_api.app import ROUTERS

IDS = {
    "pattern_id": "pat_a",
    "deployment_id": "dep_a",
    "run_id": "run_a",
    "environment_id": "env_a",
    "node_type": "Log",
    "version": "1",
}
"""What stands in a path unless a test says otherwise."""
BODIES: dict[str, Any] = {
    "create_pattern": {"name": "Made by a walk"},
    "update_pattern": {"name": "Changed by a walk"},
    "deploy_pattern": {"nodeDefinitions": {}},
    "create_environment": {"name": "Made by a walk", "secrets": {"TOKEN": "of a walk"}},
    "update_environment": {"name": "Changed by a walk", "variables": {"A": "1"}},
    "execute_deployment": {"eventData": {"a": 1}},
    "regenerate_webhook_secret": {"endpointId": "wep_hook"},
    "update_schedule": {"cronExpression": "0 9 * * *"},
    "patch_pattern": {"name": "Patched by a walk"},
    "clone_pattern": {"name": "Cloned by a walk"},
    "validate_pattern": {"graphData": {"nodes": []}},
    "import_pattern": {
        "format": "dragops-pattern",
        "formatVersion": 1,
        "name": "Imported by a walk",
        "graphData": {},
    },
    "roll_back_deployment": {"version": 1},
}
"""Of each route that takes a body, one that it would carry out."""
QUERIES = {"write_webhook_snippets": "?endpointId=wep_hook"}
"""Of each route that wants a query, one that it would answer."""


ENDLESS = {"stream_runs"}
"""Routes whose good answer has no end: a walk over all answers leaves them out."""


@dataclass(frozen=True)
class Call:
    """A call of one route."""

    route: str
    method: str
    template: str
    body: Any

    def path(self, **ids: str) -> str:
        """Give the path with these ids in it."""
        known = IDS | ids
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], self.template)

    @property
    def names_an_object(self) -> bool:
        """Say whether the path has the id of something that belongs to a workspace."""
        return bool(re.search(r"\{(pattern|deployment|run|environment)_id\}", self.template))

    def __str__(self) -> str:
        return self.route


def every_call() -> list[Call]:
    """Give a call of each route; fails where a route's body is missing above."""
    return [_call(route) for router in ROUTERS for route in router.routes]


def _call(route: Any) -> Call:
    (method,) = route.methods
    body = BODIES[route.name] if route.body_field else None
    return Call(route.name, method, route.path + QUERIES.get(route.name, ""), body)
