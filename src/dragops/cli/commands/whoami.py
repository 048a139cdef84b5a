"""``dragops whoami``: who the token belongs to."""

from dragops.cli.command import command, commands
from dragops.cli.output import Column, timed
from dragops.cli.session import Session
from dragops.cli.tokens import expiry_of
from dragops.model.run import iso

app = commands()
LINES = (
    Column("User", "username"),
    Column("Groups", "groups"),
    Column("Workspace", "workspace"),
    Column("API", "api"),
    Column("From", "source"),
    timed("Token ends", "expiresAt"),
)


@command(app)
def whoami(session: Session) -> None:
    """Say who you are for the API, and in which workspace."""
    caller = session.api.get("/api/auth/whoami").data
    if session.show.is_for_people:
        place, expiry = session.place, expiry_of(session.place.token)
        ends = {"expiresAt": iso(expiry)} if expiry else {}
        caller = caller | {"api": place.url, "source": place.source} | ends
    session.show.details(caller, LINES, name="username")
