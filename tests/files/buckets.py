"""A bucket of the stand-in, and ours of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from app.files.address import address
from app.files.bucket import Bucket
from app.sandbox.s3.app import Store, create_app

KEY, SECRET = "AKIAEXAMPLE", "a-secret-nobody-sees"
LIMIT = 1_000_000


def a_store(**changes):
    return Store({KEY: SECRET}, {"bucket": {}}, lambda: datetime.now(UTC), **changes)


def at(url, secret=SECRET, path="bucket/pre/fix", region=""):
    """The address of a bucket of the server with this URL."""
    host = url.removeprefix("http://")
    return address(f"s3+http://{KEY}@{host}/{path}{region}", secret)


@asynccontextmanager
async def bucket_of(store, limit=LIMIT, **where):
    transport = httpx.ASGITransport(create_app(store))
    async with httpx.AsyncClient(transport=transport) as http:
        yield Bucket(http, at("http://s3.test", **where), limit)
