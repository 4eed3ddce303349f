"""Pre-flight: what an assignment would do, answered by doing it and taking it back."""

from collections import Counter
from dataclasses import dataclass, field

from sqlmodel import Session

from rxapp.db import decisions as sql
from rxapp.db.assignments import Partners
from rxapp.db.models import Source
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
    savepoint = session.begin_nested()
    woke = session.info.get("wakes_dispatcher")
    try:
        assigned = assign_tags(session, tag_id, partners, source=Source.DASHBOARD, actor="")
        tags = sql.tag_names(session)
        return Preflight(
            added=assigned.added,
            already=assigned.already,
            emails=_emails(session, assigned.tally.emails, assigned.cause_id),
            tags_added=Counter({tags[i]: n for i, n in assigned.tally.tags_added.items() if n}),
            tags_removed=Counter({tags[i]: n for i, n in assigned.tally.tags_removed.items() if n}),
        )
    finally:
        savepoint.rollback()
        session.info["wakes_dispatcher"] = woke


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
