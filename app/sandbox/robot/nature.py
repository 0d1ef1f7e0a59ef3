"""What every robot has: a temper, luck, and time that passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from app.sandbox.robot.temper import Temper


@dataclass(slots=True)
class Nature:
    """One robot's own; `sleep` waits for so many seconds."""

    temper: Temper
    rng: Random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def lucky(self, share: float) -> bool:
        """Whether something with this share happens now."""
        return self.rng.random() < share

    async def pause(self, seconds: float) -> None:
        """Let time pass, at the robot's pace."""
        await self.sleep(seconds / self.temper.pace)

    async def between(self, span: tuple[float, float]) -> None:
        """Let a time between two pass."""
        await self.pause(self.rng.uniform(*span))
