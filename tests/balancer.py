"""A balancer for tests: takes each request to the next worker, and past those that are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

__all__ = ["Balancer", "balancer"]


class Balancer:
    """Requests go round; `served` counts the answers of each worker.

    Attributes:
        url: where it listens.
        workers: addresses of workers.
    """

    def __init__(self) -> None:
        self.url = ""
        self.workers: list[str] = []
        self.served: Counter[str] = Counter()
        self._turn = 0

    async def pass_on(self, request: web.Request) -> web.Response:
        """Give a request to the first worker that answers, beginning with the one whose turn it is."""
        body = await request.read()
        self._turn += 1
        order = [
            self.workers[(self._turn + i) % len(self.workers)] for i in range(len(self.workers))
        ]
        async with aiohttp.ClientSession() as session:
            for worker in order:
                try:
                    async with session.request(
                        request.method, worker + request.path_qs, data=body, headers=request.headers
                    ) as answer:
                        self.served[worker] += 1
                        content = await answer.read()
                        kind = answer.content_type if content else None
                        return web.Response(body=content, status=answer.status, content_type=kind)
                except aiohttp.ClientError:
                    continue
        return web.Response(status=502)


@asynccontextmanager
async def balancer() -> AsyncIterator[Balancer]:
    """Run a balancer without workers yet."""
    one = Balancer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()
