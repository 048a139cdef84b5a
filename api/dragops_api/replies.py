"""What an answer says beside its body: not yet done, and whose field was changed."""

from fastapi import Response

from dragops_api.changes import Outcome
from dragops_api.etags import etag_of


def tell(response: Response, outcome: Outcome) -> str:
    """Set status and headers for an outcome; give the word that stands for an unfinished one."""
    warn(response, outcome.foreign)
    response.headers["ETag"] = etag_of(outcome.obj)
    if outcome.is_settled:
        return ""
    response.status_code = 202
    return "pending"


def warn(response: Response, foreign: tuple[str, ...]) -> None:
    """Name the managers that may change a field back."""
    if foreign:
        # a manager's name may hold anything printable; a header may not
        names = ", ".join(foreign).encode("ascii", "replace").decode().replace('"', "'")
        response.headers["Warning"] = f'299 - "changed here, but managed by {names}"'
