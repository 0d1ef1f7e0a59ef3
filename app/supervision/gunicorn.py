"""gunicorn's settings for one web worker: one process behind one unix socket, loses no request."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Any, Final

#: <sys/prctl.h>: the signal a process gets when its parent ends.
PR_SET_PDEATHSIG: Final = 1

worker_class = "app.supervision.worker.HubWorker"
workers = 1
threads = 1
preload_app = False
umask = 0o117  # the socket is for its owner and group; nginx is one of them
timeout = 30  # a worker whose loop is stuck so long is killed and started again
graceful_timeout = 20  # for requests under way, then for the drains and the pulse
keepalive = 75  # longer than nginx keeps an idle connection (60 s): it closes first
max_requests = 0
backlog = 1024
# Only nginx can reach a socket, and it overwrites these headers. Over TCP the gateways are named.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "*"
accesslog = None  # nginx has one
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Before anything listens: whoever reaches a TCP port must not be able to say who he is."""
    over_tcp = any(isinstance(address, tuple) for address in server.address)
    if over_tcp and not os.environ.get("FORWARDED_ALLOW_IPS"):
        sys.exit("FORWARDED_ALLOW_IPS must name the gateways (10.0.0.5,10.0.0.6): workers use TCP.")


def post_fork(_server: Any, _worker: Any) -> None:
    """In the new worker: end when gunicorn's master is killed, instead of serving on unseen.

    structlog loads rich, and that pygments, wherever they are installed, to paint tracebacks: 4 MB
    for nothing in a process that logs JSON.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    sys.modules["rich"] = None  # type: ignore[assignment]  # how one says: not to be imported


def post_worker_init(_worker: Any) -> None:
    """In the worker once its code is loaded: give back what loading took for a moment (3 MB)."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc's
        trim(0)
