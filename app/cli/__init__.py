"""`orderhub`: one sub-command is one function is one action."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

import structlog
import typer

from app.cli import (
    accounts,
    accounts_secrets,
    alarm,
    bench,
    books,
    cells,
    clients,
    destinations,
    devices,
    documents,
    documents_change,
    files,
    gateway,
    goods,
    held,
    history,
    incidents,
    integrators,
    keys,
    mappings,
    orders,
    outbound,
    people,
    queues,
    reconcile,
    replays,
    reports,
    resend,
    rules,
    sandbox,
    settlements,
    smoke,
    system,
    telegram,
)
from app.errors import HubError

app = typer.Typer(
    name="orderhub",
    help="Order hub: marketplaces in, pickers and documents out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(orders.app, name="orders")
app.add_typer(goods.app, name="goods")
app.add_typer(people.app, name="people")
app.add_typer(devices.app, name="devices")
app.add_typer(clients.app, name="clients")
app.add_typer(reports.app, name="report")
app.add_typer(settlements.app, name="settlements")
app.add_typer(incidents.app, name="incidents")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(rules.app, name="rules")
app.add_typer(telegram.app, name="telegram")
app.add_typer(system.schedule, name="schedule")
app.add_typer(alarm.app, name="alarm")
app.add_typer(files.app, name="files")
app.add_typer(documents.app, name="documents")
app.add_typer(destinations.app, name="destinations")
app.add_typer(replays.app, name="replays")
app.add_typer(integrators.app, name="integrators")
app.add_typer(keys.app, name="keys")
app.add_typer(reconcile.app, name="reconcile")
app.add_typer(accounts.app, name="accounts")
app.add_typer(mappings.app, name="mappings")
app.add_typer(cells.app, name="cells")
app.add_typer(outbound.app, name="outbound")
COMMANDS: Final[tuple[Callable[..., None], ...]] = (
    system.run,
    system.migrate,
    system.doctor,
    system.setup,
    smoke.smoke,
    queues.inbox,
    queues.outbox,
    queues.refused,
    queues.dead,
    replays.replay,
    documents.export,
    bench.bench,
    gateway.gateway,
)
for command in COMMANDS:
    app.command()(command)
for change in (documents_change.return_, documents_change.correct, documents_change.show):
    documents.app.command(change.__name__.rstrip("_"))(change)
for name, deed in resend.COMMANDS.items():
    documents.app.command(name)(deed)
for manage in accounts_secrets.COMMANDS:
    accounts.app.command()(manage)
app.command("import")(goods.import_)
people.app.command("history")(history.history)
for command in (held.held, held.waive):
    documents.app.command()(command)
reports.app.command()(books.documents)
reports.app.command()(books.vat)


@app.command()
def version() -> None:
    """Print the version, and the release where it was installed as one."""
    typer.echo(" ".join(filter(None, (system.version(), system.release()))))


def main() -> None:
    """The console script: errors of ours are one sentence and exit code 1; what is logged is kept
    apart from what a program may read."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        app()
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
