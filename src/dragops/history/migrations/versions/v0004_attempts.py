"""How often a run has been tried."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; each run was tried once before."""
    op.add_column("runs", sa.Column("attempt", sa.Integer, nullable=False, server_default="1"))
