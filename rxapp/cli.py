"""The `rxapp` command. Each group of commands is an app of its own, added at the end."""

import os
import signal
import sys
from typing import NoReturn

import typer

from rxapp import cli_backup, cli_commands, logs
from rxapp.config import get_settings
from rxapp.errors import RxappError

app = typer.Typer(
    help="Emails a partner the moment a tag is assigned to them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(db, name="db")


@app.command()
def run() -> None:
    """Serve the app, with the worker unless RXAPP_WORKER=off, until Ctrl-C."""
    from rxapp.auth.setup import ensure_admin
    from rxapp.frontend import ensure_built
    from rxapp.installation import prepare
    from rxapp.server import refuse_taken_port, serve

    _stop_on_sigterm()
    settings = get_settings()
    refuse_taken_port(settings.host, settings.port)
    prepare()
    link = ensure_admin(settings)
    frontend = ensure_built()
    if link:
        typer.echo(f"\nNobody can sign in yet. Make the first account here:\n\n  {link}\n")
    typer.echo(f"rxapp runs at {settings.base_url}. Ctrl-C stops it.")
    serve(settings.host, settings.port, frontend)


@app.command()
def worker() -> None:
    """Send what is due, without serving pages; any number may run beside each other."""
    from rxapp.dispatch.runner import run_until_stopped
    from rxapp.installation import prepare

    run_until_stopped(prepare())


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the schema of this version. Safe to run again."""
    from rxapp.installation import prepare

    prepare()
    typer.echo("The database is up to date.")


cli_commands.register(app)
cli_backup.register(app)


def _stop_on_sigterm() -> None:
    """Let SIGTERM end the start like Ctrl-C does, with what it has begun stopped as well."""

    def stop(_signal: int, _frame: object) -> NoReturn:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, stop)


def main() -> None:
    """Entry point: errors made for people are told to people, without a traceback."""
    # What the app writes, it writes for its own user: partners' data, images, keys.
    os.umask(0o077)
    logs.set_up()
    try:
        app()
    except RxappError as error:
        sys.exit(str(error))
