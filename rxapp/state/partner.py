"""One partner: who they are, their tags, whether email reaches them, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reflex.event import Event
from sqlmodel import Session

from rxapp import routes
from rxapp.auth import roles
from rxapp.db import history
from rxapp.db import partners as sql
from rxapp.db.engine import reading, writing
from rxapp.db.history import TagEvent
from rxapp.db.models import Partner, PartnerStatus, Role, Source, TemplateKind
from rxapp.db.partners import PartnerRow
from rxapp.domain import partners, reasons, sends
from rxapp.domain.partners import PartnerInput
from rxapp.domain.tags import remove_tags
from rxapp.domain.text import as_id
from rxapp.errors import NotFound
from rxapp.state import query, questions, say, send_again, why
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.meanwhile import ChangedMeanwhile, mine
from rxapp.state.partner_log import Activity, Log, read_activity, read_log
from rxapp.state.partners import mail_state
from rxapp.state.questions import Question

# The form's keys of custom fields start with this.
OWN = "own:"
DETAILS = ("email", "first_name", "last_name", "company", "key")
EVENTS = 25


@dataclass
class HeldTag:
    """A tag the partner has, since when, and how it came."""

    id: int
    name: str
    color: str
    at: str
    how: str


@dataclass
class FieldLine:
    """A custom field."""

    name: str
    value: str


@dataclass
class PartnerDetail:
    """A partner, as the page shows them; moments are ISO 8601."""

    id: int = 0
    name: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    key: str = ""
    status: str = ""
    consent: str = ""
    deliverability: str = ""
    state: str = ""
    # Whether email reaches the partner, in words; `reached` is all, some or none.
    reach: str = ""
    reached: str = "all"
    consent_at: str = ""
    added_at: str = ""
    fields: list[FieldLine] = field(default_factory=list)
    tags: list[HeldTag] = field(default_factory=list)


@given_back
class PartnerState(AppState):
    """The page of one partner."""

    partner: PartnerDetail = PartnerDetail()
    loading: bool = True
    missing: bool = False
    log: Log = Log()
    log_page: int = 1
    activity: Activity = Activity()
    editing: bool = False
    # The custom fields the form offers: the partner's own, and those others have.
    own_fields: list[FieldLine] = []
    # What the form showed when it was opened.
    shown: dict[str, str] = {}
    question: Question = Question()
    asking: bool = False
    _events: int = EVENTS

    @handler("viewer")
    async def load(self) -> None:
        """Show the partner the address names."""
        number = as_id(query.named(self.router.url.path)) or 0
        if number != self.partner.id:
            self.loading, self.partner = True, PartnerDetail()
            self.log_page, self._events = 1, EVENTS
        if not self._goes_on:
            self.editing = self.asking = False
        try:
            await self._read(number)
            self.missing = False
        except NotFound:
            self.missing = True
        self.loading = False

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has happened meanwhile."""
        if self.partner.id and not self.missing:
            await self._read(self.partner.id)

    @handler("viewer")
    async def turn(self, step: int) -> None:
        """Turn so many pages of the email log on."""
        self.log_page = max(1, self.log_page + step)
        await self._read(self.partner.id)

    @handler("viewer")
    async def show_more(self) -> None:
        """Show more of what happened."""
        self._events += EVENTS
        await self._read(self.partner.id)

    @handler("editor")
    async def cancel_email(self, send_id: int) -> Event:
        """Keep a waiting email from leaving."""
        await run(_cancel, send_id, current_user().label)
        await self._read(self.partner.id)
        return say.success("Canceled: this email will not leave.")

    @handler("editor")
    async def edit(self) -> None:
        """Open the form with the partner's details."""
        self.own_fields, self.shown = await run(_form, self.partner.id)
        self.errors, self.editing = {}, True

    @handler("viewer")
    async def set_editing(self, opened: bool) -> None:
        """Close it."""
        self.editing = opened

    @handler("editor", form=True)
    async def save(self, form: dict[str, str]) -> Event:
        """Save the details."""
        try:
            await run(_save, self.partner.id, dict(self.shown), form, current_user().label)
        except ChangedMeanwhile as clash:
            self.shown = self.shown | {clash.name: clash.now}
            raise
        self.editing = False
        await self._read(self.partner.id)
        return say.success("The partner is saved.")

    @handler("editor")
    async def ask(self, deed: str, number: int) -> None:
        """Ask before a deed, with what it leads to.

        `number` is the tag to take off or the send to repeat; other deeds need none.
        """
        tag_id, send_id = (0, number) if deed == "send_again" else (number, 0)
        roles.require(current_user(), _role_for(deed))
        self.question = await run(questions.ask, deed, self.partner.id, tag_id, send_id)
        self.asking = True

    @handler("viewer")
    async def set_asking(self, opened: bool) -> None:
        """Close the question."""
        self.asking = opened

    @handler("editor")
    async def confirm(self) -> list[Event]:
        """Do what was asked about."""
        if not self.asking:
            return []
        question, self.asking = self.question, False
        roles.require(current_user(), _role_for(question.deed))
        done = say.success(await run(_do, question, current_user().label))
        if question.deed == "delete":
            return [say.go(routes.PARTNERS), done]
        await self._read(question.partner_id)
        return [done]

    async def _read(self, number: int) -> None:
        partner, log, activity = await run(_page, number, self.log_page, self._events)
        # What has not changed is not sent again.
        if partner != self.partner:
            self.partner = partner
        if log != self.log:
            self.log = log
        if activity != self.activity:
            self.activity = activity


def _page(number: int, log_page: int, events: int) -> tuple[PartnerDetail, Log, Activity]:
    with reading() as session:
        row = sql.row(session, number)
        if row is None:
            raise NotFound("There is no such partner.")
        return (
            _detail(session, row),
            read_log(session, number, log_page),
            read_activity(session, number, events),
        )


def _detail(session: Session, row: PartnerRow) -> PartnerDetail:
    reached, reach = _reach(session, row.id)
    return PartnerDetail(
        id=row.id,
        name=row.label,
        email=row.email or "",
        first_name=row.first_name,
        last_name=row.last_name,
        company=row.company,
        key=row.key or "",
        status=row.status,
        consent=row.consent,
        deliverability=row.deliverability,
        state=mail_state(row.status, row.consent, row.deliverability, has_address=bool(row.email)),
        reach=f"{reach} {row.deliverability_note}".strip(),
        reached=reached,
        consent_at=row.consent_at.isoformat() if row.consent_at else "",
        added_at=row.created_at.isoformat(),
        fields=[FieldLine(name, value) for name, value in sorted(row.fields.items())],
        tags=[_held(tag) for tag in history.held(session, row.id)],
    )


def _reach(session: Session, partner_id: int) -> tuple[str, str]:
    """Which emails reach the partner, told by the same rule that decides it."""
    nothing = history.why_no_mail(session, partner_id, TemplateKind.TRANSACTIONAL)
    if nothing:
        return "none", f"No email is sent. {reasons.sentence(nothing)}"
    if history.why_no_mail(session, partner_id, TemplateKind.MARKETING):
        return "some", "Unsubscribed from marketing emails. Transactional emails are still sent."
    return "all", "Subscribed: every email is sent."


def _held(tag: TagEvent) -> HeldTag:
    how = why.door(tag.source, tag.actor, tag.automation)
    return HeldTag(tag.tag_id, tag.tag, tag.color, tag.at.isoformat(), how)


def _form(number: int) -> tuple[list[FieldLine], dict[str, str]]:
    """The custom fields to ask for, and what all of the form shows."""
    with reading() as session:
        shown = _values(partners.find(session, number))
        names = sorted({*sql.known_fields(session), *_own(shown)})
    return [FieldLine(name, shown.get(f"{OWN}{name}", "")) for name in names], shown


def _values(partner: Partner) -> dict[str, str]:
    details = {name: getattr(partner, name) or "" for name in DETAILS}
    return details | {f"{OWN}{name}": value for name, value in partner.fields.items()}


def _own(values: Mapping[str, str]) -> dict[str, str | None]:
    return {key.removeprefix(OWN): value for key, value in values.items() if key.startswith(OWN)}


def _save(number: int, shown: Mapping[str, str], form: Mapping[str, str], actor: str) -> None:
    typed = {name: form.get(name, "") for name in DETAILS}
    typed |= {key: value for key, value in form.items() if key.startswith(OWN)}
    if name := form.get("field_name", "").strip():
        typed[f"{OWN}{name}"] = form.get("field_value", "")
    with writing() as session:
        changes = mine(shown, typed, _values(partners.find(session, number)))
        details = {name: changes[name] for name in DETAILS if name in changes}
        partners.update(session, number, PartnerInput(**details, fields=_own(changes)), actor)


def _cancel(send_id: int, actor: str) -> None:
    with writing() as session:
        sends.cancel(session, send_id, actor)


def _set_status(status: PartnerStatus) -> Callable[[Session, Question, str], object]:
    def change(session: Session, question: Question, actor: str) -> object:
        return partners.update(session, question.partner_id, PartnerInput(status=status), actor)

    return change


_DEEDS: dict[str, Callable[[Session, Question, str], object]] = {
    "activate": _set_status(PartnerStatus.ACTIVE),
    "suspend": _set_status(PartnerStatus.SUSPENDED),
    "archive": _set_status(PartnerStatus.ARCHIVED),
    "unsubscribe": lambda s, q, actor: partners.unsubscribe(s, q.partner_id, actor),
    "resubscribe": lambda s, q, actor: partners.resubscribe(s, q.partner_id, actor),
    "mark_deliverable": lambda s, q, actor: partners.mark_deliverable(s, q.partner_id, actor),
    "delete": lambda s, q, actor: partners.delete(s, q.partner_id, actor),
    "send_again": lambda s, q, actor: send_again.fate(s, sends.send_again(s, q.send_id, actor)),
    "remove_tag": lambda s, q, actor: remove_tags(
        s, q.tag_id, [q.partner_id], source=Source.DASHBOARD, actor=actor
    ),
}


# What cannot be taken back, and what lifts that a partner or an address refused mail.
_FOR_ADMINS = {"delete", "resubscribe", "mark_deliverable"}


def _role_for(deed: str) -> Role:
    return Role.ADMIN if deed in _FOR_ADMINS else Role.EDITOR


def _do(question: Question, actor: str) -> str:
    """Do it; returns what is said of it, which for some is known only then."""
    with writing() as session:
        said = _DEEDS[question.deed](session, question, actor)
    return said if isinstance(said, str) else question.done
