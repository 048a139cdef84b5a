"""Graph in, Python text out: ``check`` finds all faults, ``compile`` writes the program."""
