"""nginx's configuration: the plain files of nginx/, with this machine's facts beside them."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import jinja2

from app.supervision.binaries import nginx_version
from app.supervision.refusal import CannotStart

SOURCE: Final = Path(__file__).parents[2] / "nginx"
TEMPLATE: Final = "host.conf.j2"
#: Rendered file → the template's part, and whether it is for names that are not ours.
PARTS: Final = {
    "main": ("main", False),
    "http": ("http", False),
    "https": ("https", False),
    "https_default": ("https", True),
    "plain": ("plain", False),
    "plain_default": ("plain", True),
}
#: How the closing lines of `nginx -t` end, which say nothing that its exit code does not.
VERDICTS: Final = ("syntax is ok", "test is successful", "test failed")


@dataclass(frozen=True, slots=True)
class Host:
    """The facts of one machine; the names are the template's."""

    user: str | None  #: None: nginx stays who started it
    worker_processes: int
    open_files: int
    pid: Path
    log: Path
    temp: Path
    servers: tuple[str, ...]  #: the workers, as nginx names them: unix:/path or address:port
    addresses: tuple[str, ...]
    https_port: int
    http_port: int
    names: tuple[str, ...]
    certificate: Path
    certificate_key: Path
    hsts: str  #: empty on a developer's machine: it would bind every server on localhost
    language: str
    version: tuple[int, ...]  #: of nginx; host.conf.j2 asks what it can
    resolver: str = ""  #: who knows the workers' names, asked again all the time (nginx >= 1.27.3)


def this_host(
    program: Path, data: Path, sockets: Sequence[Path], *, ports: tuple[int, int], language: str
) -> Host:
    """What this machine can and the caller wants; `ports` are HTTPS and HTTP."""
    return Host(
        user="root root" if os.geteuid() == 0 else None,
        worker_processes=min(os.cpu_count() or 1, 4),
        open_files=min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16384),
        pid=data / "nginx" / "nginx.pid",
        log=data / "log",
        temp=data / "nginx" / "temp",
        servers=tuple(f"unix:{socket}" for socket in sockets),
        addresses=every_address(),
        https_port=ports[0],
        http_port=ports[1],
        names=own_names(),
        certificate=data / "tls" / "hub.pem",
        certificate_key=data / "tls" / "hub.key",
        hsts="",
        language=language,
        version=nginx_version(program),
    )


def own_names() -> tuple[str, ...]:
    """The names a development gateway answers to, in the form they have in a Host header."""
    return tuple(dict.fromkeys(("localhost", "127.0.0.1", "[::1]", socket.gethostname().lower())))


def render(host: Host, target: Path) -> Path:
    """Write the whole configuration into `target`; tells the path of its nginx.conf."""
    shutil.rmtree(target / "host", ignore_errors=True)
    for folder in ("conf.d", "snippets"):
        shutil.rmtree(target / folder, ignore_errors=True)
        shutil.copytree(SOURCE / folder, target / folder)
    shutil.copy(SOURCE / "nginx.conf", target)
    for needed in (host.temp, host.log, target / "host"):
        needed.mkdir(parents=True, exist_ok=True)
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SOURCE),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - nginx configuration is not HTML
        keep_trailing_newline=True,
    ).get_template(TEMPLATE)
    for name, (part, default) in PARTS.items():
        text = template.render(asdict(host), part=part, default=default)
        (target / "host" / f"{name}.conf").write_text(text + "\n", encoding="utf-8")
    return target / "nginx.conf"


def command(program: Path, configuration: Path) -> list[str]:
    """The command of nginx in the foreground; its own messages go to standard error."""
    folder = configuration.parent
    start = ["-e", "stderr", "-p", f"{folder}/", "-c", str(configuration)]
    return [str(program), *start, "-g", "daemon off;"]


def check(program: Path, configuration: Path) -> str:
    """What `nginx -t` has to say beyond success: warnings; raises CannotStart for errors."""
    done = subprocess.run(  # noqa: S603 - our own command
        [*command(program, configuration), "-t"], capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stderr.splitlines() if not line.endswith(VERDICTS)]
    if done.returncode:
        raise CannotStart(f"nginx refuses its configuration: {(lines or ['no message'])[-1]}")
    return "\n".join(lines)


def every_address() -> tuple[str, ...]:
    """All addresses of this machine, as `listen` wants them."""
    return ("0.0.0.0", "[::]") if _has_ipv6() else ("0.0.0.0",)  # noqa: S104


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
