"""gunicorn's settings for one web worker: one process behind one unix socket, loses no request."""

from __future__ import annotations

import ctypes
import signal
from typing import Any, Final

#: <sys/prctl.h>: the signal a process gets when its parent ends.
PR_SET_PDEATHSIG: Final = 1

worker_class = "app.supervision.worker.HubWorker"
workers = 1
threads = 1
preload_app = False
umask = 0o117  # the socket is for its owner and group; nginx is one of them
timeout = 30  # a worker whose loop is stuck so long is killed and started again
graceful_timeout = 15
keepalive = 75  # longer than nginx keeps an idle connection (60 s): it closes first
max_requests = 0
backlog = 1024
forwarded_allow_ips = "*"  # only nginx can reach the socket, and it overwrites these headers
accesslog = None  # nginx has one
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def post_fork(_server: Any, _worker: Any) -> None:
    """In the new worker: end when gunicorn's master is killed, instead of serving on unseen."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
