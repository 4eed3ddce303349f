"""Pre-flight: what an assignment would do, answered by doing it and taking it back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlmodel import Session

from rxapp.db import decisions as sql
from rxapp.db.assignments import Partners
from rxapp.db.models import Automation, Cause, Source
from rxapp.domain import automations, decisions, tags
from rxapp.domain.automations import AutomationInput
from rxapp.domain.decisions import Tally
from rxapp.domain.tags import assign_tags

EXAMPLES = 5


@dataclass
class ForeseenEmail:
    """One email that would leave or be skipped, for how many partners, and who some of them are."""

    automation_id: int
    automation: str
    template_id: int
    template: str
    delay_seconds: int
    status: str
    reason: str
    count: int
    examples: list[sql.Person] = field(default_factory=list)


@dataclass
class Preflight:
    """What would happen. Pieces of one big answer can be added up."""

    added: int = 0
    already: int = 0
    emails: list[ForeseenEmail] = field(default_factory=list)
    tags_added: Counter[str] = field(default_factory=Counter)
    tags_removed: Counter[str] = field(default_factory=Counter)

    @property
    def queued(self) -> int:
        """How many emails would leave."""
        return sum(email.count for email in self.emails if email.status == "queued")

    @property
    def skipped(self) -> Counter[str]:
        """How many emails would be skipped, by reason."""
        reasons: Counter[str] = Counter()
        for email in self.emails:
            if email.status == "skipped":
                reasons[email.reason] += email.count
        return reasons

    def add(self, other: "Preflight") -> None:
        """Add the answer for another piece of the same selection."""
        self.added += other.added
        self.already += other.already
        self.tags_added += other.tags_added
        self.tags_removed += other.tags_removed
        known = {_identity(email): email for email in self.emails}
        for email in other.emails:
            same = known.get(_identity(email))
            if same is None:
                self.emails.append(email)
            else:
                same.count += email.count
                same.examples = (same.examples + email.examples)[:EXAMPLES]


def preflight(session: Session, tag_id: int, partners: Partners) -> Preflight:
    """What assigning this tag to these partners would do now.

    Runs the door itself inside a savepoint and rolls it back, so it cannot answer differently
    from what the door does. Needs a `writing()` session; leaves nothing in it. Raises as
    `assign_tags` does.
    """
    with _taken_back(session):
        assigned = assign_tags(session, tag_id, partners, source=Source.DASHBOARD, actor="")
        found = _told(session, assigned.tally, assigned.cause_id)
        found.added, found.already = assigned.added, assigned.already
        return found


@dataclass(frozen=True, slots=True)
class Proposed:
    """An automation as it would be once saved and switched on; without an `id`, a new one.

    Without `data` it is the saved one as it is.
    """

    id: int | None = None
    data: AutomationInput | None = None


@dataclass(frozen=True, slots=True)
class ExistingPiece:
    """What running an automation for some of those who have its tag would do."""

    found: Preflight
    # How many it is about, and where to go on.
    number: int
    last: int


def of_existing(session: Session, proposed: Proposed, *, after: int, limit: int) -> ExistingPiece:
    """What "also email those who already have the tag" would do, in pieces that add up.

    Like `preflight` it is done and taken back. `after` is the `last` of the piece before. Raises
    what saving the automation would raise.
    """
    with _taken_back(session):
        one = _saved(session, proposed)
        cause = Cause(tag_id=one.tag_id, source=Source.BULK, actor="")
        met = decisions.backfill(
            session, one.id, tags.follow, cause=cause, after=after, limit=limit, hold_until=None
        )
        found = _told(session, met.tally, cause.id)
        found.added = met.number
        return ExistingPiece(found, met.number, met.last_id)


def of_trial(session: Session, proposed: Proposed, partner_id: int) -> Preflight:
    """What would happen if this partner were given the automation's tag now, for the first time."""
    with _taken_back(session):
        one = _saved(session, proposed)
        tags.remove_tags(session, one.tag_id, [partner_id], source=Source.DASHBOARD, actor="")
        return preflight(session, one.tag_id, [partner_id])


@contextmanager
def _taken_back(session: Session) -> Iterator[None]:
    """Whatever is done inside is not done afterwards."""
    savepoint = session.begin_nested()
    woke = session.info.get("wakes_dispatcher")
    try:
        yield
    finally:
        savepoint.rollback()
        session.info["wakes_dispatcher"] = woke


def _saved(session: Session, proposed: Proposed) -> Automation:
    data = (proposed.data or AutomationInput()).model_copy(update={"enabled": True})
    if proposed.id:
        return automations.update(session, proposed.id, data, actor="")
    return automations.create(session, data, actor="")


def _told(session: Session, tally: Tally, root_id: int | None) -> Preflight:
    names = sql.tag_names(session)
    return Preflight(
        emails=_emails(session, tally.emails, root_id),
        tags_added=Counter({names[i]: n for i, n in tally.tags_added.items() if n}),
        tags_removed=Counter({names[i]: n for i, n in tally.tags_removed.items() if n}),
    )


def _emails(
    session: Session,
    counted: Counter[tuple[int, int, int, int, str, str]],
    root_id: int | None,
) -> list[ForeseenEmail]:
    automations, templates = sql.automation_names(session), sql.template_names(session)
    return [
        ForeseenEmail(
            automation_id=automation_id,
            automation=automations[automation_id],
            template_id=template_id,
            template=templates[template_id],
            delay_seconds=delay,
            status=status,
            reason=reason,
            count=count,
            examples=sql.examples(
                session, root_id or 0, action_id, status=status, reason=reason, limit=EXAMPLES
            ),
        )
        for (automation_id, action_id, template_id, delay, status, reason), count in counted.items()
    ]


def _identity(email: ForeseenEmail) -> tuple[int, int, int, str, str]:
    return (
        email.automation_id,
        email.template_id,
        email.delay_seconds,
        email.status,
        email.reason,
    )
