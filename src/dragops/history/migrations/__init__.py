"""How the run store's schema came to be; Alembic runs these when the recorder starts."""
