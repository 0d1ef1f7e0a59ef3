"""All ways to ERPs, opened for a process that brings documents. Loads asyncssh: see erp/sftp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from app.calling import client
from app.domain.destination import Way
from app.erp.drop import BucketDrop, FolderDrop
from app.erp.push import LIMIT, HttpPush
from app.erp.sftp import SftpDrop
from app.erp.way import ErpWay

_LIMITS: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=20, keepalive_expiry=20
)


@asynccontextmanager
async def erp_ways() -> AsyncIterator[dict[str, ErpWay]]:
    """By the names of destinations' ways. Their connections are their own: an ERP that hangs takes
    none that marketplaces need."""
    timeout = httpx.Timeout(LIMIT, connect=5.0)
    async with client(timeout, _LIMITS) as http:
        sftp = SftpDrop()
        try:
            yield {
                Way.HTTP: HttpPush(http),
                Way.FOLDER: FolderDrop(),
                Way.S3: BucketDrop(http),
                Way.SFTP: sftp,
            }
        finally:
            await sftp.close()
