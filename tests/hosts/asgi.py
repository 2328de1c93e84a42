"""Calls an ASGI application from a plain test, without a server and without a thread."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class Caller:
    """One request a call, each in an event loop of its own."""

    def __init__(self, app: Any) -> None:
        """Call this application."""
        self.app = app

    def get(self, path: str) -> httpx.Response:
        """Send a GET request."""
        return asyncio.run(self._send("GET", path))

    def post(self, path: str, **content: Any) -> httpx.Response:
        """Send a POST request with `json=` or `content=`."""
        return asyncio.run(self._send("POST", path, **content))

    async def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://host") as client:
            return await client.request(method, path, **content)
