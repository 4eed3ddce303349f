"""What concerns the whole program and needs somebody to act: shown on top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rxapp import routes
from rxapp.db import health, pace, trouble, workers
from rxapp.db.engine import reading
from rxapp.db.models import Pace
from rxapp.db.types import utcnow
from rxapp.domain import restored
from rxapp.domain.delivery import DOMAIN_REFUSED, Delivery
from rxapp.domain.overdue import overdue
from rxapp.domain.settings import Program

# How long the question whether anything can be saved may take.
PATIENCE_SECONDS = 2.0


@dataclass
class Notice:
    """A plain sentence, and where to do something about it (`way` says what)."""

    text: str
    way: str = ""
    href: str = ""


def notices(session: Session, program: Program, delivery: Delivery) -> list[Notice]:
    """What is wrong now, the most pressing first."""
    found = []
    if delivery.key.is_lost:
        found.append(
            Notice(
                "The email provider's key can no longer be read, so nothing is sent. Emails wait.",
                "Paste it again",
                routes.DELIVERY,
            )
        )
    stopped = pace.find(session, delivery.provider)
    if stopped is not None and stopped.stopped_at is not None:
        what, way = _stopped(stopped)
        found.append(
            Notice(
                f"{what} Emails wait, and leave once this is solved.",
                way,
                routes.DELIVERY,
            )
        )
    if program.paused:
        found.append(_paused(session))
    if not workers.alive(session, utcnow()):
        found.append(_nobody_works())
    late = None if found else overdue(session)
    if late is not None:
        found.append(Notice(late.sentence(utcnow()), "See the system", routes.SYSTEM))
    if delivery.live and not delivery.webhook.value:
        found.append(
            Notice(
                "The webhook is missing: what is delivered or bounces is not known, and addresses "
                "that bounce are emailed again.",
                "Set it up",
                routes.DELIVERY,
            )
        )
    return found


def _nobody_works() -> Notice:
    """Workers that cannot write show no life either."""
    said = (
        "Nothing is sending right now: the worker does not run. Emails wait and leave once it does."
    )
    try:
        with reading() as session:
            health.takes_writes(session, PATIENCE_SECONDS)
    except SQLAlchemyError as error:
        said = (
            "Nothing can be saved or sent right now: the database takes no writes. "
            f"{trouble.why(error)} Emails wait and leave once it does."
        )
    return Notice(said, "See the system", routes.SYSTEM)


def _paused(session: Session) -> Notice:
    asked = restored.question(session)
    if asked is None:
        said = "Sending is paused. Emails wait until an admin resumes it."
        return Notice(said, "Resume", routes.DELIVERY)
    waited = restored.waiting(session, asked)
    number = waited.due + waited.later
    waits = (
        "One email of then still waits" if number == 1 else f"{number:,} emails of then still wait"
    )
    return Notice(
        f"A backup of {asked.made} was restored, so sending is paused. {waits}: "
        "they may have left since, and an admin says whether they are sent.",
        "Answer",
        routes.DELIVERY,
    )


def _stopped(stopped: Pace) -> tuple[str, str]:
    """Why the provider refuses us, in its own words, and what there is to do about it."""
    said = stopped.stop_message.rstrip(".")
    if stopped.stop_code == DOMAIN_REFUSED:
        return f"The email provider does not take the sender: {said}.", "Check the sender"
    if stopped.stop_code in ("daily_quota", "monthly_quota"):
        return f"The email provider's quota is used up: {said}.", "See delivery"
    return f"The email provider refuses to send: {said}.", "Check the key"
