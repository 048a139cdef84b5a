"""Flow control in Python: one file for each node that decides what runs next."""
