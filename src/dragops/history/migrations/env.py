"""Alembic's door: runs the revisions over the engine that ``dragops.history.database`` passes."""

from alembic import context

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
