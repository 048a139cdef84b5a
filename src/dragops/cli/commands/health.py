"""``dragops health``: the system in a few numbers."""

from dragops.cli.command import command, commands
from dragops.cli.options import AllWorkspaces
from dragops.cli.output import Column
from dragops.cli.session import Session

app = commands()
LINES = (
    Column("Engines", "engineStatus"),
    Column("Active", "deployments.active"),
    Column("Paused", "deployments.paused"),
    Column("Failed", "deployments.failed"),
    Column("Runs, last hour", "runsLastHour"),
    Column("Failures, last hour", "failuresLastHour"),
    Column("Error rate", "errorRate", lambda value, _: f"{value} %"),
    Column("Silent schedules", "silentSchedules"),
    Column("Dead letters", "deadLetters"),
    Column("Oldest unfinished run", "oldestUnfinishedSeconds"),
)


@command(app)
def health(session: Session, all_workspaces: AllWorkspaces = False) -> None:
    """Show the system in a few numbers."""
    api = session.api_of(every_workspace=all_workspaces)
    session.show.details(api.get("/api/deployments/health/summary").data, LINES, name=None)
