"""`python -m tests.machines.relay LAB ADDRESS PORT TARGET`: from inside a lab to a local port.

Listens in the lab's namespace and connects from ours: the machines' only way to packages.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress

from tests.machines.network import inside

_PIECE = 1 << 16


async def serve(listener: socket.socket, target: int) -> None:
    """Relay until we are ended."""

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))

    async with await asyncio.start_server(accepted, sock=listener) as server:
        await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


def main() -> None:
    """Take the words of the command line."""
    lab, address, port, target = sys.argv[1:]
    with inside(lab):
        listener = socket.create_server((address, int(port)))
    asyncio.run(serve(listener, int(target)))


if __name__ == "__main__":
    main()
