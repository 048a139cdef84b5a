"""What every pod that runs programs looks like: restricted, and with tokens of one audience."""

from dragops_operator.facts import Facts
from dragops_operator.resources.owned import Object

RECORDER_TOKEN = "/var/run/dragops/recorder/token"  # noqa: S105  (a path, not a secret)
_API_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  (a path)


def restricted_pod(containers: list[Object], volumes: list[Object]) -> Object:
    """Build a pod that passes the restricted profile and has no token but those in volumes."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "serviceAccountName": "dragops-engine",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": containers,
        "volumes": [
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
            token_volume("recorder-token", "dragops-recorder"),
            *volumes,
        ],
    }


def engine_container(facts: Facts, name: str, command: list[str], env: dict[str, str]) -> Object:
    """Build a container of the engine image that reaches the recorder."""
    values = {
        "DRAGOPS_PUBLIC_KEY": facts.public_key,
        "DRAGOPS_RECORDER_URL": facts.recorder_url,
        "DRAGOPS_RECORDER_TOKEN_FILE": RECORDER_TOKEN,
    } | env
    if facts.egress_allow:
        values["DRAGOPS_EGRESS_ALLOW"] = facts.egress_allow
    return {
        "name": name,
        "image": facts.engine_image,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "env": [
            {
                "name": "DRAGOPS_NAMESPACE",
                "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
            },
            *({"name": key, "value": value} for key, value in values.items()),
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  (the pod's own emptyDir)
            {"name": "recorder-token", "mountPath": "/var/run/dragops/recorder", "readOnly": True},
        ],
    }


def token_volume(name: str, audience: str) -> Object:
    """Build a volume with a projected token that is good for one audience, for an hour."""
    token = {"path": "token", "expirationSeconds": 3600, "audience": audience}
    return {
        "name": name,
        "projected": {"defaultMode": 0o644, "sources": [{"serviceAccountToken": token}]},
    }


def api_token_volume() -> Object:
    """Build the volume with a token for the API server, as Kubernetes itself would mount it."""
    ca = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources: list[Object] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": ca},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
    ]
    return {"name": "api-token", "projected": {"defaultMode": 0o644, "sources": sources}}


def api_token_mount(volume: Object) -> Object:
    """Mount it where clients look for it."""
    return {"name": volume["name"], "mountPath": _API_TOKEN, "readOnly": True}
