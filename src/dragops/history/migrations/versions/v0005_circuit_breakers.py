"""Which deployments' circuit breakers have tripped."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; nothing tripped before."""
    op.create_table(
        "circuit_breakers",
        sa.Column("workspace", sa.String(63), primary_key=True),
        sa.Column("deployment_uid", sa.String(64), primary_key=True),
        sa.Column("deployment", sa.String(63), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("tripped_at", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("window_ms", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
