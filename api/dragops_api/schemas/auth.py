"""Who is asking, what they may, and how one logs in."""

from dragops.model.schema import Shape


class KubernetesOut(Shape):
    """Tokens of Kubernetes, and the audience that they must be made for."""

    audience: str


class OidcOut(Shape):
    """An OIDC issuer whose tokens are taken, when they are meant for one of the audiences."""

    issuer: str
    audiences: tuple[str, ...]


class ProvidersOut(Shape):
    """How one can log in; nobody does with a password or with GitHub."""

    local: bool
    github: bool
    kubernetes: KubernetesOut
    oidc: list[OidcOut]


class RightOut(Shape):
    """Something that a call may need, in the words of RBAC; ``resource`` has its subresource."""

    verb: str
    resource: str
    allowed: bool


class CallerOut(Shape):
    """Who the token belongs to, where the call acted, and what the caller may there."""

    username: str
    groups: tuple[str, ...]
    workspace: str
    rights: list[RightOut]
