"""Which run has called a run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; no run was called by another before."""
    op.add_column("runs", sa.Column("parent_run_id", sa.String(64)))
