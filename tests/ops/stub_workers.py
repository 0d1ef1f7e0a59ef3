"""`python -m tests.ops.stub_workers SOCKET…`: the stub application on several unix sockets."""

from __future__ import annotations

import socket
import sys

import uvicorn

from tests.supervision.stub_app import create_app


def main(paths: list[str]) -> None:
    sockets = []
    for path in paths:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1024)
        sockets.append(listener)
    config = uvicorn.Config(
        create_app(), log_level="warning", forwarded_allow_ips="*", server_header=False
    )
    uvicorn.Server(config).run(sockets=sockets)


if __name__ == "__main__":
    main(sys.argv[1:])
