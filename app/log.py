"""JSON log lines with the trace id from context; secrets and personal data are cut by name."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import structlog

#: Keys whose values never reach a log, whatever a caller passes.
REDACTED: Final = frozenset(
    {"token", "secret", "password", "pin", "authorization", "client_token", "phone", "address"}
    | {"customer", "body", "dsn", "email", "name"}
)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Replace the values of sensitive keys; a structlog processor."""
    for key in event.keys() & REDACTED:
        event[key] = "[redacted]"
    return event


def configure(component: str, *, level: int = logging.INFO) -> None:
    """Send structured logs of this process, and the libraries' own, to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "apscheduler", "telegram"):
        logging.getLogger(chatty).setLevel(
            logging.WARNING
        )  # httpx logs URLs: the bot's has a token
    structlog.contextvars.bind_contextvars(component=component)


def where(error: BaseException) -> str:
    """The kind of a fault and the way to it: files and lines, without values, which may be a
    customer's (PostgreSQL's messages quote whole rows)."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    way = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {way}"
