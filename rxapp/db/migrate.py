"""Bring the database to the newest schema, or tell whether it is there."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import SQLModel

from rxapp.config import ROOT
from rxapp.db import models  # noqa: F401  (fills SQLModel.metadata)
from rxapp.db.engine import WRITE, get_engine
from rxapp.db.postgres import take_time
from rxapp.db.trouble import told
from rxapp.errors import CannotStart


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "rxapp" / "db" / "migrations"))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine | None = None) -> None:
    """Apply every migration that is missing, in one transaction. Safe to run again.

    Raises CannotStart for a database that cannot be used, or that is not for this version.
    """
    database = engine or get_engine()
    with told(database), database.connect() as plain:
        connection = plain.execution_options(**{WRITE: True})
        with connection.begin():
            take_time(connection)
            _refuse_foreign(connection)
            command.upgrade(_config(connection), "head")


def _refuse_foreign(connection: Connection) -> None:
    """Raise CannotStart for a schema that is of a newer version, or nobody's."""
    heads = set(MigrationContext.configure(connection).get_current_heads())
    if heads - known():
        raise CannotStart(
            "The database was made by a newer version of rxapp than this one (its schema is "
            f"{', '.join(sorted(heads))}). Start that version, or restore a backup that was made "
            "before the update."
        )
    ours = set(SQLModel.metadata.tables)
    if not heads and ours & set(inspect(connection).get_table_names()):
        raise CannotStart(
            "The database holds tables, but not which version of rxapp made them: it was copied "
            "in part, or belongs to another program. Restore a backup, or name another database "
            "with DATABASE_URL."
        )


def known() -> set[str]:
    """The revisions this version of the app can bring to the newest one."""
    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def is_current(engine: Engine | None = None) -> bool:
    """Whether the database has exactly the schema this version of the app needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with (engine or get_engine()).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def is_older(engine: Engine | None = None) -> bool:
    """Whether `upgrade` can bring the database, which is not current, to this version."""
    return current(engine) in {"", *known()}


def current(engine: Engine | None = None) -> str:
    """The revision the database's schema is at; empty for none."""
    with (engine or get_engine()).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def differences(engine: Engine) -> list[object]:
    """Where the migrated database and the models disagree; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def write_revision(message: str, engine: Engine) -> None:
    """Write a new migration from what differs; for developers, after changing a model."""
    with engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)
