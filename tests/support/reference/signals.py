"""What ends a loop or a turn of it. Neither is a failure: no Try / Catch, no Retry holds it."""


class BreakLoop(BaseException):
    """The innermost loop ends."""


class ContinueLoop(BaseException):
    """This turn of the innermost loop ends."""
