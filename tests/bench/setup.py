"""A throwaway program with many partners, for the benchmarks."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert

from rxapp import config
from rxapp.db import migrate
from rxapp.db.engine import get_engine, writing
from rxapp.db.models import Partner
from tests import factory as f

# About 4 kB, as real emails are, with five variables.
BODY = (
    "<p>Hello {{ partner.first_name | default('there') }} {{ partner.last_name }}</p>"
    + "<p style='margin:0 0 16px'>%s</p>" % ("Your program has news for you. " * 10) * 10
    + "<p>{{ partner.company | default('you') }}, {{ program.name }}</p>"
    "<a href='{{ unsubscribe_url }}'>Unsubscribe</a>"
)


@contextmanager
def database() -> Iterator[None]:
    """A fresh SQLite database on disk that the app uses meanwhile."""
    with (
        tempfile.TemporaryDirectory(prefix="rxapp-bench-") as directory,
        database_in(Path(directory)),
    ):
        yield


@contextmanager
def database_in(data: Path) -> Iterator[None]:
    """The SQLite database of a data directory, as the app itself would find it there."""
    os.environ["RXAPP_DATA_DIR"] = str(data)
    os.environ["RXAPP_SECRET_KEY"] = "a key for benchmarks only"
    os.environ["DATABASE_URL"] = f"sqlite:///{data / 'rxapp.db'}"
    config.get_settings.cache_clear()
    migrate.upgrade()
    yield
    get_engine().dispose()


def program(partners: int) -> tuple[int, list[int]]:
    """A tag that sends one email, and partners who do not have it yet."""
    with writing() as session:
        rows = [
            {
                "email": f"p{i}@bench.test",
                "email_key": f"p{i}@bench.test",
                "first_name": f"Partner{i}",
                "last_name": "Example",
                "company": f"Company {i}",
            }
            for i in range(partners)
        ]
        session.connection().execute(insert(Partner), rows)
        vip = f.tag(session)
        f.automation(session, vip, f.email(f.template(session, html=BODY, text=BODY[:200])))
        return vip, list(range(1, partners + 1))


def use_provider(url: str) -> None:
    """Have the app send through the fake at `url`."""
    os.environ["RESEND_API_KEY"] = "re_bench"
    os.environ["RESEND_API_URL"] = url
    config.get_settings.cache_clear()
