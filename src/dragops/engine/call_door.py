"""The pool's door for calls of schedules' pods: such a call waits for the end of the called run.

Who hangs up takes the called run along.
"""

import asyncio

import orjson
from pydantic import ValidationError

from dragops.engine.asgi import Answer, Receive, error_answer, json_answer
from dragops.engine.call_wire import CallOrder, answered, refusal
from dragops.engine.calls import Called, LocalCalls
from dragops.engine.encoding import encoded
from dragops.errors import BadInput, RunFailure

_GONE = error_answer(499, "GONE", "The caller did not wait")


class CallDoor:
    """Carries out what pods of this workspace want called."""

    def __init__(self, calls: LocalCalls) -> None:
        self._calls = calls

    async def answer(self, receive: Receive, body: bytes) -> Answer:
        """Run what is wanted to its end; raises BadInput."""
        try:
            order = CallOrder.model_validate(orjson.loads(body))
        except (orjson.JSONDecodeError, ValidationError) as exc:
            raise BadInput("body", str(exc)) from exc
        calling = asyncio.create_task(self._calls.carry_out(order.call(), order.caller()))
        hanging_up = asyncio.create_task(_hung_up(receive))
        try:
            await asyncio.wait({calling, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            return _told(calling) if calling.done() else _GONE
        finally:
            await _ended(calling, hanging_up)


def _told(calling: asyncio.Task[Called]) -> Answer:
    try:
        return Answer(200, encoded(answered(calling.result())).encode())
    except RunFailure as exc:
        return json_answer(200, refusal(exc))


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(*tasks: asyncio.Task[Called] | asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
