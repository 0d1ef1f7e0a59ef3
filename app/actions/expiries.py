"""When the gateway's certificate ends: read where it lies. For the scheduler alone: what reads
certificates takes memory."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from app.db import pulse
from app.hub import Hub

log = structlog.get_logger()
#: What the rule calls it.
CERTIFICATE: Final = "certificate"


async def note_expiries(hub: Hub) -> None:
    """Write down when this machine's certificate ends; nothing when it has none to be read."""
    file = hub.running.certificate
    ends_at = await asyncio.to_thread(_ends, file) if file else None
    if ends_at is not None:
        async with hub.pools.drains.acquire() as conn:
            await pulse.expiry(conn, hub.running.host, CERTIFICATE, ends_at)


def _ends(file: Path) -> datetime | None:
    """The first end of anything in a PEM chain; None when there is no such file."""
    try:
        chain = x509.load_pem_x509_certificates(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("certificate cannot be read", file=str(file), error=type(error).__name__)
        return None
    return min(certificate.not_valid_after_utc for certificate in chain)
