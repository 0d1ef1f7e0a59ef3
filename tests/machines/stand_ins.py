"""`python -m tests.machines.stand_ins FILE NAME GATEWAY CERTIFICATE`: the outside world in a lab.

СМ, Telegram and an ERP as the sandbox has them, quiet until asked, on the lab's own address; their
webhooks go to the gateway by its public name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import uvicorn

from app.sandbox import credentials
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from tests.machines.network import CONTROLLER
from tests.machines.web import ByAddress, trusting

PORT: Final = 8090


def main() -> None:
    """Serve until SIGTERM."""
    file, name, gateway, certificate = sys.argv[1:]
    transport = ByAddress(name, gateway, trusting(Path(certificate)))
    app = create_app(credentials.load(Path(file)), SandboxSettings(rate=0), transport)
    uvicorn.run(app, host=CONTROLLER, port=PORT, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
