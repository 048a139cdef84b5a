"""The names of a deployment's children, and the labels by which they are found."""

from dragops.model.ids import name_part, short_hash

DEPLOYMENT_LABEL = "dragops.dev/deployment"
VERSION_LABEL = "dragops.dev/version"
PART_OF = {"app.kubernetes.io/part-of": "dragops"}
POOL = "dragops-engine"
POOL_INTERNAL = "dragops-engine-internal"
POOL_INTERNAL_PORT = 8081
TICK_POD = {"app.kubernetes.io/name": "dragops-tick"}


def program_name(deployment: str, version: int, digest: str) -> str:
    """Name the ConfigMap of one version; the digest keeps it apart from a lost one."""
    return f"{deployment}-v{version}-{digest[:10]}"


def live_name(deployment: str) -> str:
    """Name the ConfigMap that says what is live."""
    return f"{deployment}-live"


def secret_name(deployment: str) -> str:
    """Name the Secret with endpoint ids and signing secrets."""
    return f"{deployment}-endpoints"


def service_name(deployment: str) -> str:
    """Name the Service that an Ingress can point at."""
    return f"{deployment}-webhooks"


def cron_job_name(deployment_uid: str, node_id: str) -> str:
    """Name a schedule's CronJob: at most 52 characters, as Jobs append eleven more."""
    return f"tick-{name_part(node_id)}-{short_hash(deployment_uid, node_id)}"
