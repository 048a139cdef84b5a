"""A recorder's news at the end of the API's wire, over a real store in the same process."""

from typing import Any

import orjson

from dragops.errors import Unreachable
from dragops.history.news import encode_page, read_position
from dragops_api.recorder.news import News
from dragops_api.recorder_calls import RecorderCalls


class MemoryNews(RecorderCalls):
    """Answers as the recorder would; ``news`` is what it remembers, and it can be away."""

    def __init__(self, news: News) -> None:
        self.news = news
        self.away = False
        self.asked = 0

    async def post(self, path: str, data: dict[str, Any], *, seconds: float = 5) -> dict[str, Any]:
        """Take a question for news."""
        assert path == "/v1/news", path
        assert data["waitSeconds"] < seconds
        self.asked += 1
        if self.away:
            raise Unreachable("the recorder")
        position = data["position"] and read_position(data["position"])
        page = await self.news.since(position, wait_seconds=data["waitSeconds"])
        told: dict[str, Any] = orjson.loads(encode_page(page))
        return told
