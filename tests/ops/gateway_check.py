"""`python -m tests.ops.gateway_check`: every nginx accepts the configuration, without a warning."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app.supervision import gateway, tls
from tests.ops.gateway import programs


def complaints() -> list[str]:
    """What each nginx has to say about the configuration in each language."""
    found = []
    with tempfile.TemporaryDirectory(prefix="hub-gc-") as folder:
        data = Path(folder)
        tls.ensure(data / "tls", gateway.own_names(), datetime.now(UTC))
        sockets = [data / f"web-{number}.sock" for number in range(1, 5)]
        for name, program in programs().items():
            for language in ("ru", "en"):
                host = gateway.this_host(
                    program, data, sockets, ports=(8443, 8080), language=language
                )
                if told := gateway.check(program, gateway.render(host, data / "nginx")):
                    found.append(f"{name}, {language}: {told}")
    return found


if __name__ == "__main__":
    if problems := complaints():
        sys.exit("\n".join(problems))
