"""orderhub sandbox: the test contour: stand-ins of СМ and Telegram, and a robot picker."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from app import log
from app.cli.session import print_json, settings, stop
from app.sandbox import credentials as store
from app.sandbox import robot, server
from app.sandbox.credentials import Credentials
from app.sandbox.settings import SandboxSettings

app = typer.Typer(help="The test contour (only with HUB_SANDBOX=1).", no_args_is_help=True)


#: Orders a minute that robots of usual speed keep up with.
USUAL_RATE: Final = 6.0


@app.command("credentials")
def show_credentials() -> None:
    """Print URLs, tokens, pickers, operators and the Telegram page as JSON."""
    print_json(_credentials())


@app.command()
def serve() -> None:
    """Run the stand-ins of СМ and Telegram in the foreground."""
    known = _credentials()
    log.configure("sandbox")
    here = settings()
    server.serve(known, SandboxSettings(port=here.sandbox_port, rate=here.sandbox_rate))


@app.command()
def pick(
    forever: Annotated[bool, typer.Option("--forever", help="Go on until Ctrl-C")] = False,
    seed: Annotated[int | None, typer.Option(help="The same choices every time")] = None,
) -> None:
    """Pick the queue of every store through the real API, as robots."""
    known = _credentials()
    log.configure("robot")
    temper = robot.Temper(pace=max(1.0, settings().sandbox_rate / USUAL_RATE))
    ready = robot.run(known, forever=forever, temper=temper, seed=seed)
    typer.echo(f"{ready} orders made ready")


def _credentials() -> Credentials:
    here = settings()
    if not here.sandbox:
        stop("The sandbox is off: it needs HUB_SANDBOX=1.")
    path = here.data / "sandbox.json"
    if not path.exists():
        stop(f"No sandbox has run in {here.data} yet: start `make run`.")
    return store.load(path)
