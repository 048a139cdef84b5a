"""How one answer leads to the next call, as OpenAPI links: clients and generated tests follow."""

from typing import Any

_MADE = ("pattern_id", "$response.body#/data/id")
_DEPLOYED = ("deployment_id", "$response.body#/data/deploymentId")
_RUN = ("run_id", "$response.body#/data/runId")
_SAME_PATTERN = ("pattern_id", "$request.path.pattern_id")
_SAME_DEPLOYMENT = ("deployment_id", "$request.path.deployment_id")

_NEXT: dict[tuple[str, str], tuple[tuple[tuple[str, str], tuple[str, ...]], ...]] = {
    ("create_pattern", "201"): (
        (_MADE, ("get_pattern", "update_pattern", "deploy_pattern", "delete_pattern")),
    ),
    ("deploy_pattern", "200"): (
        (_DEPLOYED, ("get_deployment", "execute_deployment", "pause_deployment")),
        (_DEPLOYED, ("redeploy_deployment", "list_webhook_endpoints")),
        (_DEPLOYED, ("list_runs", "sum_up_runs")),
        (_DEPLOYED, ("delete_deployment",)),
        (_SAME_PATTERN, ("get_pattern_deployment", "undeploy_pattern")),
    ),
    ("execute_deployment", "200"): ((_RUN, ("get_run", "read_run_log")),),
    ("execute_deployment", "202"): ((_RUN, ("get_run",)),),
    ("pause_deployment", "200"): ((_SAME_DEPLOYMENT, ("resume_deployment", "get_deployment")),),
    ("resume_deployment", "200"): ((_SAME_DEPLOYMENT, ("execute_deployment",)),),
}
"""(Operation, status) -> what is known then, and the operations whose path it fits."""


def links_of(operation: str, status: str) -> dict[str, Any]:
    """Give the links of an answer, by the operations that they lead to."""
    return {
        following: {"operationId": following, "parameters": {name: where}}
        for (name, where), operations in _NEXT.get((operation, status), ())
        for following in operations
    }
