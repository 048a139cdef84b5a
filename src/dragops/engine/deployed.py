"""What is deployed here: deployments by name, and the way from a webhook id to its function."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dragops.engine.environment import NO_ENVIRONMENT, Environment
from dragops.engine.program import LoadedProgram
from dragops.engine.signing_secrets import SigningSecrets
from dragops.history.batch import Tripped
from dragops.model.bundle import Endpoint, Live
from dragops.model.ids import name_of
from dragops.model.program import Trigger

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment that this engine obeys."""

    live: Live
    program: LoadedProgram | None
    secrets: Mapping[str, SigningSecrets]
    """By node id."""
    environment: Environment = NO_ENVIRONMENT
    is_tripped: bool = False
    """Whether the recorder says that its circuit breaker has tripped."""

    @property
    def state(self) -> str:
        """Give the state that holds: one that has tripped is paused before its owner says so."""
        is_held = self.is_tripped and self.live.state == "active"
        return "paused" if is_held else self.live.state


@dataclass(frozen=True, slots=True)
class WebhookRoute:
    """Everything that a webhook request needs, looked up once."""

    deployed: Deployed
    endpoint: Endpoint
    trigger: Trigger | None
    """None when nothing is live: undeployed."""
    secrets: SigningSecrets
    methods: frozenset[str] = METHODS
    response_mode: str = "Immediate"


class Registry:
    """The deployments of this process. Replaced as wholes, so a request sees one state."""

    def __init__(self) -> None:
        self._deployed: dict[str, Deployed] = {}
        self._routes: dict[str, WebhookRoute] = {}
        self._patterns: dict[tuple[str, str], set[str]] = {}
        """For each name of a pattern, and each title, the deployments."""
        self._tripped: dict[str, int] = {}
        """By uid: the ``since`` of the breaker that has tripped."""

    def route(self, webhook_id: str) -> WebhookRoute | None:
        """Find the endpoint of a webhook id."""
        return self._routes.get(webhook_id)

    def get(self, name: str) -> Deployed | None:
        """Find a deployment."""
        return self._deployed.get(name)

    def all(self) -> Iterable[Deployed]:
        """Give all deployments."""
        return self._deployed.values()

    def of_pattern(self, id_or_name: str) -> list[Deployed]:
        """Find the deployments of the pattern with this id, name or else title."""
        keys = (("name", name_of(id_or_name)), ("title", id_or_name))
        found = next((self._patterns[key] for key in keys if key in self._patterns), ())
        return [self._deployed[name] for name in found]

    def put(self, deployed: Deployed) -> None:
        """Obey this state of a deployment from now on."""
        is_tripped = self._is_tripped(deployed.live)
        if is_tripped is not deployed.is_tripped:
            deployed = replace(deployed, is_tripped=is_tripped)
        self._withdraw(deployed.live.deployment)
        self._deployed[deployed.live.deployment] = deployed
        for key in _keys(deployed):
            self._patterns.setdefault(key, set()).add(deployed.live.deployment)
        for route in _routes(deployed):
            taken = self._routes.get(route.endpoint.webhook_id)
            if taken is None or taken.deployed.live.deployment == deployed.live.deployment:
                self._routes[route.endpoint.webhook_id] = route

    def trip(self, trips: Iterable[Tripped]) -> None:
        """Take no more runs of deployments whose breaker has tripped, until they are resumed."""
        for uid, since in trips:
            if since <= self._tripped.get(uid, -1):
                continue
            self._tripped[uid] = since
            for deployed in [each for each in self.all() if each.live.uid == uid]:
                self.put(deployed)

    def remove(self, name: str) -> None:
        """Forget a deployment that is gone."""
        self._withdraw(name)
        gone = self._deployed.pop(name, None)
        if gone is not None:
            self._tripped.pop(gone.live.uid, None)

    def _is_tripped(self, live: Live) -> bool:
        return self._tripped.get(live.uid) == live.breaker_in_force.since_ms

    def _withdraw(self, name: str) -> None:
        old = self._deployed.get(name)
        for key in _keys(old) if old else ():
            self._patterns[key].discard(name)
            if not self._patterns[key]:
                del self._patterns[key]
        for endpoint in old.live.endpoints if old else ():
            route = self._routes.get(endpoint.webhook_id)
            if route and route.deployed.live.deployment == name:
                del self._routes[endpoint.webhook_id]


def _keys(deployed: Deployed) -> Iterable[tuple[str, str]]:
    yield "name", deployed.live.pattern
    if deployed.program and deployed.program.manifest.title:
        yield "title", deployed.program.manifest.title


def _routes(deployed: Deployed) -> Iterable[WebhookRoute]:
    manifest = deployed.program.manifest if deployed.program else None
    for endpoint in deployed.live.endpoints:
        trigger = manifest.trigger(endpoint.node_id) if manifest else None
        settings = trigger.settings if trigger else {}
        yield WebhookRoute(
            deployed,
            endpoint,
            trigger,
            deployed.secrets[endpoint.node_id],
            frozenset(settings.get("methods") or METHODS),
            str(settings.get("responseMode") or "Immediate"),
        )
