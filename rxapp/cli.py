"""The `rxapp` command. Each group of commands is an app of its own, added at the end."""

import logging
import signal
import sys
from typing import NoReturn

import typer

from rxapp import cli_commands
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
    from rxapp.db.migrate import upgrade
    from rxapp.frontend import ensure_built
    from rxapp.server import refuse_taken_port, serve

    _stop_on_sigterm()
    settings = get_settings()
    refuse_taken_port(settings.host, settings.port)
    upgrade()
    link = ensure_admin(settings)
    frontend = ensure_built()
    if link:
        typer.echo(f"\nNobody can sign in yet. Make the first account here:\n\n  {link}\n")
    typer.echo(f"rxapp runs at {settings.base_url}. Ctrl-C stops it.")
    serve(settings.host, settings.port, frontend)


@app.command()
def worker() -> None:
    """Send what is due, without serving pages; any number may run beside each other."""
    from rxapp.db.migrate import upgrade
    from rxapp.dispatch.runner import run_until_stopped

    upgrade()
    run_until_stopped(get_settings())


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the schema of this version. Safe to run again."""
    from rxapp.db.migrate import upgrade

    upgrade()
    typer.echo("The database is up to date.")


cli_commands.register(app)


def _stop_on_sigterm() -> None:
    """Let SIGTERM end the start like Ctrl-C does, with what it has begun stopped as well."""

    def stop(_signal: int, _frame: object) -> NoReturn:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, stop)


def main() -> None:
    """Entry point: errors made for people are told to people, without a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app()
    except RxappError as error:
        sys.exit(str(error))
