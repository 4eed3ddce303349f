"""What the machine or the database does not do is told as what it is, at both doors."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from rxapp.auth import sessions
from rxapp.db import trouble
from rxapp.db.engine import get_engine, reading
from rxapp.errors import Busy, DatabaseAway, DiskFull, ReadOnly, Unavailable
from rxapp.state.tags import TagsState
from tests.api.conftest import Client, api, client, client_of  # noqa: F401  (fixtures)
from tests.state.support import call, effect, session_of, signed_in

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("database", ["postgres"], indirect=True)
LONG = "<p>" + "A page of the database and some more. " * 2_000 + "</p>"
EMAIL = {"name": "Long", "subject": "Long", "body": LONG}

# Real refusals of the real databases: a file that may not grow, a session that may not write.
FULL = "PRAGMA max_page_count=1"
READ_ONLY = {"sqlite": "PRAGMA query_only=ON", "postgresql": "SET default_transaction_read_only=on"}


@contextmanager
def every_connection(database: str, statement: str) -> Iterator[None]:
    """The database as it is when each of its connections begins like this."""
    engine = get_engine(database)

    def prepare(connection: DBAPIConnection, _entry: object) -> None:
        if engine.dialect.name == "postgresql":
            connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        if engine.dialect.name == "postgresql":
            connection.autocommit = False

    engine.dispose()
    event.listen(engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


@SQLITE
def test_a_full_disk_is_told_as_a_full_disk(
    database: str,
    client: Client,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    tab = signed_in(TagsState)
    with every_connection(database, FULL), caplog.at_level(logging.WARNING):
        answer = client.post("/api/v1/templates", EMAIL)
        said = [
            effect(
                call(tab, "save", {"name": f"tag {n}", "color": "green", "description": "x" * 200})
            )
            for n in range(200)
        ]
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    assert answer.json()["detail"] == DiskFull.told
    assert answer.headers["retry-after"]
    assert DiskFull.told in said[-1]
    assert "not your doing" not in " ".join(said)
    assert "Traceback" not in caplog.text


def test_a_database_that_takes_no_writes_is_told_so_and_can_be_read(
    database: str,
    client: Client,  # noqa: F811
) -> None:
    tab = signed_in(TagsState)
    dialect = make_url(database).get_backend_name()
    with every_connection(database, READ_ONLY[dialect]):
        answer = client.post("/api/v1/tags", {"name": "vip"})
        said = effect(call(tab, "save", {"name": "vip", "color": "green", "description": ""}))
        assert client.get("/api/v1/tags").status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
    assert ReadOnly.told in said


@SQLITE
def test_a_database_that_does_not_answer_is_told_so_also_by_the_gate(
    database: str,
    client: Client,  # noqa: F811
) -> None:
    tab = signed_in(TagsState)
    cookie = f"{sessions.COOKIE}={session_of(tab)}"
    with every_connection(database, "no statement at all"):
        said = effect(call(tab, "save", {"name": "vip", "color": "green", "description": ""}))
        for path in ("/api/v1/tags", "/partners"):
            answer = client.get(path, headers={"Cookie": cookie})
            assert (answer.status_code, DatabaseAway.told in answer.text) == (503, True)
    assert DatabaseAway.told in said


@POSTGRES
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("code", "kind"),
    [("53100", DiskFull), ("25006", ReadOnly), ("55P03", Busy), ("57P01", DatabaseAway)],
)
def test_what_postgresql_says_is_understood(code: str, kind: type[Unavailable]) -> None:
    words = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
    with reading() as session:
        connection = session.connection()
        with pytest.raises(SQLAlchemyError) as raised:
            connection.exec_driver_sql(words)
    assert isinstance(trouble.refusal(raised.value), kind)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EROFS, "Read-only file system"), ReadOnly),
        (OperationalError("", {}, Exception("database is locked")), Busy),
        (ValueError("nothing of the kind"), type(None)),
        (OSError(errno.ENOENT, "No such file"), type(None)),
    ],
    ids=str,
)
def test_what_the_system_says_is_understood_and_nothing_else_is(
    error: Exception, kind: type[object]
) -> None:
    assert isinstance(trouble.refusal(error), kind)
    outer = RuntimeError("while doing something else")
    outer.__cause__ = error
    assert isinstance(trouble.refusal(outer), kind)
