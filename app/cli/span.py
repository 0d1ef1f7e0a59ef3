"""Times as people at a terminal give and read them: in the terminal's own zone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import typer

_FORMATS: Final = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
Since = Annotated[datetime | None, typer.Option(formats=_FORMATS, help="From then on, local time")]
Until = Annotated[datetime | None, typer.Option(formats=_FORMATS, help="Before then, local time")]


def moment(given: datetime | None) -> datetime | None:
    """What was given, with the terminal's zone."""
    return None if given is None else given.astimezone()


def shown(at: datetime) -> str:
    """A moment as it is read here."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
