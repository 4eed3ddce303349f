"""What `rxapp doctor` looks at: everything that keeps emails from arriving, in plain words."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rxapp.config import Settings, get_settings
from rxapp.db import batches, health, migrate, trouble, users
from rxapp.db.engine import reading, sqlite_file
from rxapp.db.types import utcnow
from rxapp.domain import disk, overdue
from rxapp.domain.delivery import Delivery, delivery, from_environment
from rxapp.domain.leaving import leaving
from rxapp.domain.settings import Program, program
from rxapp.errors import CannotStart

LOCAL = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0"))  # noqa: S104 (looked for, not bound)
TEST_DOMAIN = "resend.dev"


class Verdict(StrEnum):
    """`note` is worth knowing; only `bad` keeps the app from doing its work."""

    OK = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and what to do about it if it is not right."""

    verdict: Verdict
    sentence: str


def examine() -> Iterator[Finding]:
    """Look at everything; what depends on something that is bad is left out."""
    try:
        settings = get_settings()
    except CannotStart as error:
        yield _bad(error.sentence)
        return
    yield _ok("The settings can be read.")
    try:
        database = list(_database(settings))
        yield from database
        if all(one.verdict != Verdict.BAD for one in database):
            with reading() as session:
                way = delivery(session)
                yield from _way_out(way, settings)
                yield from _contents(session, way)
            return
    except SQLAlchemyError as error:
        yield _bad(f"The database cannot be used. {trouble.why(error)} Check DATABASE_URL.")
    except CannotStart as error:
        yield _bad(error.sentence)
    yield from _way_out(from_environment(), settings)


def _way_out(way: Delivery, settings: Settings) -> Iterator[Finding]:
    yield from _provider(way)
    yield from _address(way, settings)
    yield from _proxy(settings)
    yield from _webhook(way, settings)


def _provider(way: Delivery) -> Iterator[Finding]:
    if way.key.is_lost:
        yield _bad(
            "The Resend API key stored in the app cannot be read, because RXAPP_SECRET_KEY has "
            "changed. Paste it again under Settings."
        )
    elif way.live:
        yield _ok("Emails are sent by Resend.")
    else:
        yield _note(
            "There is no Resend API key, so emails are captured in the app and reach nobody."
        )


def _address(way: Delivery, settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield _bad(f"RXAPP_BASE_URL is no web address: {settings.base_url}")
    elif parts.hostname in LOCAL and way.live:
        yield _bad(
            f"Unsubscribe links lead to {settings.base_url}, which works on this machine only. "
            "Set RXAPP_BASE_URL to the address partners can reach."
        )
    elif parts.scheme == "http" and way.live:
        yield _note(
            f"The app's address is {settings.base_url}. One-click unsubscribing needs https."
        )
    else:
        yield _ok(f"The app's address is {settings.base_url}.")


def _proxy(settings: Settings) -> Iterator[Finding]:
    # The app itself speaks http only.
    if settings.base_url.startswith("https:") and not settings.trusted_proxies:
        yield _note(
            "The proxy in front of the app is not named in RXAPP_TRUSTED_PROXIES, so everybody "
            "seems to come from the same address: one who guesses passwords slows down all who "
            "sign in with a new browser."
        )


def _webhook(way: Delivery, settings: Settings) -> Iterator[Finding]:
    secret = way.webhook.value
    if way.webhook.is_lost:
        yield _bad(
            "The webhook's secret stored in the app cannot be read, because RXAPP_SECRET_KEY has "
            "changed. Paste it again under Settings."
        )
    elif secret and not _is_base64(secret.removeprefix("whsec_")):
        yield _bad(
            "The webhook's signing secret is not complete. Copy it again from Resend, whsec_ first."
        )
    elif secret:
        yield _ok(
            f"Resend's webhook is checked; it belongs to {settings.base_url}/webhooks/resend."
        )
    elif way.live:
        yield _note(
            "No webhook secret is set, so the app will not learn of deliveries, bounces "
            f"and complaints. Make a webhook in Resend for {settings.base_url}/webhooks/resend."
        )


def _database(settings: Settings) -> Iterator[Finding]:
    file = sqlite_file(settings.database)
    # Opening a file that is not there would make an empty one.
    if file is not None and not file.exists():
        yield _bad("There is no database yet. Start the app, or run: rxapp db upgrade")
        return
    with reading() as session:
        health.answers(session)
    yield _ok(f"The database answers ({'PostgreSQL' if file is None else 'SQLite'}).")
    try:
        with reading() as session:
            health.takes_writes(session)
    except SQLAlchemyError as error:
        yield _bad(f"The database takes no writes. {trouble.why(error)}")
    if (left := disk.free()) < disk.LEAST_BYTES:
        yield _bad(f"The disk is almost full: {left / 1e6:,.0f} MB are left.")
    if migrate.is_current():
        yield _ok("The database has the schema of this version.")
    else:
        yield _bad(
            "The database has the schema of another version. Run: rxapp db upgrade"
            if migrate.is_older()
            else "The database was made by a newer version of rxapp. Start that version."
        )


def _contents(session: Session, way: Delivery) -> Iterator[Finding]:
    chosen = program(session)
    yield from _sender(chosen, way)
    if not chosen.address:
        yield _note(
            "The program has no postal address. Marketing emails need one in many countries: "
            "add it under Settings."
        )
    if chosen.paused:
        yield _note("Sending is paused. Resume it under Settings.")
    if not users.any_user(session):
        yield _note("Nobody can sign in yet. Start the app for a link, or run: rxapp user create")
    load = health.workload(session, utcnow())
    for code in load.stopped.values():
        yield _bad(f"The email provider refuses to send ({code}). The app says more at the top.")
    if load.workers:
        yield _ok("A worker is running.")
    else:
        yield _bad(f"No worker is running{_silence(load)}. Start the app, or run: rxapp worker")
    for name, condition in overdue.threads(session, utcnow()).items():
        if condition != "ok":
            yield _bad(f"The worker's thread “{name}” is {condition}. Its log says more.")
    late = overdue.overdue(session)
    if late is not None:
        yield _bad(late.sentence(utcnow()))
    elif load.due:
        held = leaving(session).because
        on = f"wait: {held}" if held else "are on their way"
        yield _note(f"{load.due:,} emails are due and {on}.")
    yield from _behind(session, way)


def _behind(session: Session, way: Delivery) -> Iterator[Finding]:
    if way.key.is_lost:
        return
    if number := batches.count_perhaps_taken(session, way.account, utcnow()):
        yield _note(
            f"{number:,} emails may have been taken by the account of another key, which never "
            "said so. They become unknown with the next start. To have them settled instead, put "
            "that key back first."
        )


def _sender(chosen: Program, way: Delivery) -> Iterator[Finding]:
    address = parseaddr(chosen.from_)[1]
    if "@" not in address:
        yield _bad(f"The sender is no email address: {chosen.from_}")
    elif way.live and address.rpartition("@")[2].lower() == TEST_DOMAIN:
        yield _note(
            f"The sender is Resend's own test address ({address}): it reaches nobody but you. "
            "Verify a domain in Resend, then set RXAPP_FROM or the sender under Settings."
        )
    else:
        yield _ok(f"Emails come from {chosen.from_}.")


def _silence(load: health.Workload) -> str:
    if load.last_seen is None:
        return ""
    minutes = (utcnow() - load.last_seen) / timedelta(minutes=1)
    return f" (the last was seen {minutes:.0f} minutes ago)"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _ok(sentence: str) -> Finding:
    return Finding(Verdict.OK, sentence)


def _note(sentence: str) -> Finding:
    return Finding(Verdict.NOTE, sentence)


def _bad(sentence: str) -> Finding:
    return Finding(Verdict.BAD, sentence)
