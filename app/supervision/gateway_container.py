"""The gateway's files for an nginx in a container: a folder that it reads, and where it writes."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from app.supervision import gateway, tls
from app.supervision.refusal import CannotStart

RESOLV_CONF: Final = Path("/etc/resolv.conf")
#: What nginx writes to as files goes to the container's own log.
STREAMS: Final = {"access.log": "/dev/stdout", "gateway.log": "/dev/stderr"}
#: More processes than this serve nobody: four workers are behind it.
MOST_PROCESSES: Final = 4
#: The manifests' nginx is newer; an older one does not know `resolve`.
OLDEST: Final = (1, 27, 4)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What differs between installations."""

    workers: tuple[str, ...]  #: name:port or address:port
    names: tuple[str, ...]  #: what the hub is called; any other name gets no answer
    certificate: Path | None  #: with its chain; None: a self-signed one is made
    certificate_key: Path | None
    hsts: str
    ports: tuple[int, int]  #: HTTPS and HTTP
    language: str
    resolver: str | None = None  #: None: the first of this container's own


def lay_out(target: Path, wanted: Wanted, now: datetime) -> Path:
    """Write everything nginx reads into `target`; tells the path of its nginx.conf.

    nginx must run as the same user: it writes beneath `target` too. Raises CannotStart."""
    if (wanted.certificate is None) is not (wanted.certificate_key is None):
        raise CannotStart("The certificate and its key go together: name both or none.")
    if wanted.certificate is None:
        tls.ensure(target / "tls", wanted.names, now)
    written = gateway.render(_host(target, wanted), target)
    for name, stream in STREAMS.items():
        (target / "log" / name).unlink(missing_ok=True)
        (target / "log" / name).symlink_to(stream)
    return written


def nameserver(resolv_conf: Path = RESOLV_CONF) -> str:
    """The first nameserver of this container, as nginx writes addresses. Raises CannotStart."""
    text = resolv_conf.read_text(encoding="utf-8") if resolv_conf.exists() else ""
    for words in map(str.split, text.splitlines()):
        if len(words) > 1 and words[0] == "nameserver":
            return f"[{words[1]}]" if ":" in words[1] else words[1]
    raise CannotStart("Who knows the workers' names? There is no nameserver here: --resolver.")


def _host(target: Path, wanted: Wanted) -> gateway.Host:
    made = target / "tls"
    return gateway.Host(
        user=None,
        worker_processes=min(len(os.sched_getaffinity(0)), MOST_PROCESSES),
        open_files=min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16384),
        pid=target / "nginx.pid",
        log=target / "log",
        temp=target / "temp",
        servers=wanted.workers,
        addresses=gateway.every_address(),
        https_port=wanted.ports[0],
        http_port=wanted.ports[1],
        names=wanted.names,
        certificate=wanted.certificate or made / "hub.pem",
        certificate_key=wanted.certificate_key or made / "hub.key",
        hsts=wanted.hsts,
        language=wanted.language,
        version=OLDEST,
        resolver=wanted.resolver or nameserver(),
    )
