"""What can be set about the sandbox; everything has a default that suits a demonstration."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.sandbox.kuper.shares import Bounds, Pace, Shares
from app.sandbox.telegram.limits import Limits


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The server's settings; `rate` is orders per minute, 0 for silence."""

    rate: float = 6.0
    port: int = 8090
    seed: int | None = None  #: None: another demonstration each time
    shares: Shares = field(default_factory=Shares)
    pace: Pace = field(default_factory=Pace)
    bounds: Bounds = field(default_factory=Bounds)
    limits: Limits = field(default_factory=Limits)
