"""Places for files that tests look into."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import HubError


@dataclass
class Shelf:
    """Files in memory; `fails` are raised first, one per call."""

    files: dict[str, bytes] = field(default_factory=dict)
    fails: list[HubError] = field(default_factory=list)
    puts: int = 0

    async def put(self, name: str, body: bytes) -> None:
        self._fail()
        self.puts += 1
        self.files[name] = body

    async def get(self, name: str) -> bytes | None:
        self._fail()
        return self.files.get(name)

    async def remove(self, name: str) -> None:
        self._fail()
        self.files.pop(name, None)

    async def names(self):
        self._fail()
        yield list(self.files)

    def _fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)
