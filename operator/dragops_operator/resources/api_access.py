"""What the API may do with Secrets of a workspace: by name only, so the chart cannot write it.

It may create Secrets (of Environments), and who may create and read all could mint the token of any
account. A patch answers with the whole Secret, so it is by name too.
"""

from dragops_operator.facts import Facts
from dragops_operator.resources.owned import Object
from dragops_operator.resources.pool import frame, named_secrets

API = "dragops-api"
API_SECRETS = "dragops-api-secrets"


def api_access(
    namespace: str, endpoints: list[str], environments: list[str], facts: Facts
) -> list[Object]:
    """Build the API's Role: webhooks' Secrets to show, Environments' Secrets to change."""
    rules = [*named_secrets(endpoints, "get"), *named_secrets(environments, "patch")]
    group = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": API, "namespace": facts.release_namespace}
    return [
        frame(f"{group}/v1", "Role", namespace, name=API_SECRETS, rules=rules),
        frame(
            f"{group}/v1",
            "RoleBinding",
            namespace,
            name=API_SECRETS,
            roleRef={"apiGroup": group, "kind": "Role", "name": API_SECRETS},
            subjects=[subject],
        ),
    ]
