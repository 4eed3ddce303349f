"""Commands that take a backup of a running app, and put one back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from rxapp.config import SECRET_FILE, Settings, get_settings
from rxapp.db import migrate, snapshot
from rxapp.db.engine import get_engine, sqlite_file, writing
from rxapp.db.trouble import why
from rxapp.domain import backup as backups
from rxapp.domain import restore as restores
from rxapp.domain import restoring
from rxapp.domain.restore import Backup
from rxapp.domain.restored import Restored
from rxapp.errors import BadBackup
from rxapp.installation import keep_to_owner

ACTOR = "the command line"
NO_KEY_INSIDE = (
    "The secret key is not in it. Keep a copy of {where} in another safe place: without it, the "
    "Resend key and the webhook's secret must be pasted again after restoring, and unsubscribe "
    "links in emails already sent stop working."
)
NO_KEY_RESTORED = (
    "The backup holds no secret key. Put the one of the old installation into {where}, or into "
    "RXAPP_SECRET_KEY, before you start. Otherwise a new one is made: the Resend key and the "
    "webhook's secret must be pasted again, and unsubscribe links in emails already sent stop "
    "working."
)
ENVIRONMENT = "What .env or the environment say (RXAPP_BASE_URL, RESEND_API_KEY, ...) is not in it."
DUMP = (
    "The database is NOT in it: it is PostgreSQL's, and pg_dump copies it while the app runs:\n"
    '  pg_dump --format=custom --file=rxapp.dump "$DATABASE_URL"'
)
LOAD = (
    "This backup is of an app on PostgreSQL, and the database is not in it. Restore that first, "
    "into an empty database that DATABASE_URL names, and then run this again:\n"
    '  pg_restore --no-owner --dbname="$DATABASE_URL" rxapp.dump'
)


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    file: Path,
    with_secret: Annotated[
        bool, typer.Option("--with-secret", help="Put the secret key in as well.")
    ] = False,
) -> None:
    """Write database, images and settings to one new file, also while the app runs."""
    settings = get_settings()
    database = sqlite_file(settings.database)
    if database is not None and not database.exists():
        raise BadBackup("There is no database yet, so there is nothing to back up.")
    if not file.absolute().parent.is_dir():
        raise BadBackup(f"There is no directory {file.absolute().parent}.")
    with _plainly(file):
        try:
            made = backups.make(file.absolute(), settings, with_secret=with_secret)
        except SQLAlchemyError as error:
            raise BadBackup(f"The backup could not be made. {why(error)}") from error
    pictures = sum(name.startswith("images/") for name in made.files)
    what = f"the database and {pictures:,} images" if database else f"{pictures:,} images"
    typer.echo(f"{file}: {what}, {file.stat().st_size / 1e6:,.1f} MB, as of {_spoken(made.moment)}")
    if database is None:
        typer.echo(DUMP)
    if with_secret:
        typer.echo("The secret key is in it: whoever has the file can read the Resend key.")
    else:
        typer.echo(NO_KEY_INSIDE.format(where=_where(settings)))
    typer.echo(ENVIRONMENT)


def restore(
    file: Annotated[Path | None, typer.Argument(help="What rxapp backup wrote.")] = None,
    database_is_restored: Annotated[
        bool,
        typer.Option(
            "--database-is-restored",
            help="The database was put back by other means: only have it start paused.",
        ),
    ] = False,
) -> None:
    """Put a backup into an empty data directory. The app then starts paused, and asks."""
    settings = get_settings()
    if file is None and database_is_restored:
        _tell(_hold_configured(settings, None))
        return
    if file is None or database_is_restored:
        raise BadBackup("Say which backup, or --database-is-restored when none is needed.")
    with _plainly(file), restores.opened(file) as opened:
        if opened.manifest.database == "sqlite":
            asked = _restore_sqlite(settings, opened)
        else:
            asked = _restore_beside_postgres(settings, opened)
    keep_to_owner(settings)
    typer.echo(f"Restored as of {_spoken(opened.manifest.moment)}, in {settings.rxapp_data_dir}.")
    if SECRET_FILE not in opened.manifest.files and not settings.rxapp_secret_key:
        typer.echo(NO_KEY_RESTORED.format(where=settings.rxapp_data_dir / SECRET_FILE))
    _tell(asked)


def _restore_sqlite(settings: Settings, backup: Backup) -> Restored:
    with restores.empty_place(settings, backup) as place:
        draft = f"sqlite:///{place.database_draft}"
        restores.unpack(backup, place)
        if not snapshot.is_whole(draft):
            raise BadBackup("The database in the backup is damaged. Nothing was restored.")
        migrate.upgrade(get_engine(draft))
        with writing(draft) as session:
            asked = restoring.hold(session, backup.manifest.moment, ACTOR)
        # Its write-ahead log is in the file by then, which may be renamed.
        get_engine(draft).dispose()
        restores.name_all(place)
    return asked


def _restore_beside_postgres(settings: Settings, backup: Backup) -> Restored:
    if sqlite_file(settings.database) is not None or not migrate.current():
        raise BadBackup(LOAD)
    with restores.empty_place(settings, backup) as place:
        restores.unpack(backup, place)
        asked = _hold_configured(settings, backup.manifest.moment)
        restores.name_all(place)
    return asked


def _hold_configured(settings: Settings, made_at: datetime | None) -> Restored:
    file = sqlite_file(settings.database)
    if not (file.exists() if file else migrate.current()):
        raise BadBackup("There is no database there. Restore it first, then run this again.")
    migrate.upgrade()
    with writing() as session:
        restoring.refuse_running(session)
        return restoring.hold(session, made_at, ACTOR)


@contextmanager
def _plainly(file: Path) -> Iterator[None]:
    """Say in a sentence what the disk refuses."""
    try:
        yield
    except FileExistsError as error:
        raise BadBackup(
            f"{file} is there already. Name a new file; none is written over."
        ) from error
    except OSError as error:
        raise BadBackup(f"{error.filename or file}: {error.strerror or error}.") from error


def _tell(asked: Restored) -> None:
    typer.echo(
        "The app starts paused. Under Settings, Delivery it asks an admin what becomes of the "
        "emails that were waiting; until then none leaves."
    )
    if asked.unknown:
        typer.echo(f"On their way then, and called unknown in the log: {asked.unknown:,} emails.")
    if asked.jobs:
        typer.echo(f"Under way then, and not going on: {asked.jobs:,} bulk actions or imports.")
    typer.echo("Unsubscribes, bounces and changes made since the backup are not known here.")


def _where(settings: Settings) -> str:
    given = settings.rxapp_secret_key
    return "RXAPP_SECRET_KEY" if given else str(settings.rxapp_data_dir / SECRET_FILE)


def _spoken(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M} UTC"
