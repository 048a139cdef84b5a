"""What stops the driver, said to the person at the terminal."""


class Trouble(Exception):
    """One sentence: what is missing or wrong here, and what to do about it."""
