"""Every table. The unique keys do the promising; the rules they hold are named beside them.

Ids come from AUTOINCREMENT: SQLite would otherwise hand out the id of a deleted row again.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlmodel import Field, SQLModel

from rxapp.db.search import search_text
from rxapp.db.types import JsonDocument, UtcDateTime, utcnow

# Constraint names are spelled out so that migrations can find them on every database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
AUTOINCREMENT = {"sqlite_autoincrement": True}


class Source(StrEnum):
    """The door an assignment came through."""

    DASHBOARD = "dashboard"
    BULK = "bulk"
    API = "api"
    AUTOMATION = "automation"
    IMPORT = "import"


class PartnerStatus(StrEnum):
    """Whether a partner takes part in the program."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"


class Consent(StrEnum):
    """Whether a partner wants marketing mail."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


class Deliverability(StrEnum):
    """Whether mail to the address arrives; anything but `ok` stops all mail to it."""

    OK = "ok"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class TemplateKind(StrEnum):
    """Marketing mail needs consent and carries an unsubscribe link; transactional does not."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


class ActionKind(StrEnum):
    """What an automation can do."""

    SEND_EMAIL = "send_email"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"


class SendStatus(StrEnum):
    """Where a send stands; the steps between them are in domain/sends.py."""

    QUEUED = "queued"
    SENDING = "sending"
    # Kept by the sandbox: it was made in full, and nobody was sent it.
    CAPTURED = "captured"
    SENT = "sent"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SKIPPED = "skipped"
    CANCELED = "canceled"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BatchStatus(StrEnum):
    """`open`: its outcome is still to come, under a lease; `done`: every send in it is settled."""

    OPEN = "open"
    DONE = "done"


class JobKind(StrEnum):
    """Long work done in chunks."""

    ASSIGN = "assign"
    REMOVE = "remove"
    IMPORT = "import"
    BACKFILL = "backfill"
    STATUS = "status"
    SEND_AGAIN = "send_again"
    CANCEL_SENDS = "cancel_sends"


class JobStatus(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"
    FAILED = "failed"


class Role(StrEnum):
    """What a person or key may do; each role may do what the ones before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


def _id() -> Any:
    return Field(default=None, primary_key=True)


def _fk(target: str, *, index: bool = False, null: bool = False, ondelete: str = "RESTRICT") -> Any:
    return Field(
        default=None,
        index=index,
        nullable=null,
        sa_type=sa.Integer,
        sa_column_args=[ForeignKey(target, ondelete=ondelete)],
    )


def _time(*, null: bool = True) -> Any:
    if null:
        return Field(default=None, sa_type=UtcDateTime, nullable=True)
    return Field(default_factory=utcnow, sa_type=UtcDateTime, nullable=False)


def _word(default: Any) -> Any:
    return Field(default=default, sa_type=String, nullable=False)


def _json(default: type[Any]) -> Any:
    return Field(default_factory=default, sa_type=JsonDocument, nullable=False)


class Partner(SQLModel, table=True):
    """A person in the program."""

    __tablename__ = "partners"
    __table_args__ = (
        Index("uq_partners_email_key", "email_key", unique=True),
        Index("uq_partners_key", "key", unique=True),
        Index("ix_partners_status_id", "status", "id"),
        AUTOINCREMENT,
    )

    id: int = _id()
    email: str | None = None
    # The address trimmed and case-folded: what "the same partner" means.
    email_key: str | None = None
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    # The program's own name for the partner, if it has one.
    key: str | None = None
    fields: dict[str, str] = _json(dict)
    # Address, names, company and key, folded. Made here for a new row; domain/partners.py keeps it.
    search: str = Field(
        default=None,
        sa_type=Text,
        nullable=False,
        sa_column_kwargs={"default": lambda new: search_text(new.get_current_parameters())},
    )
    status: PartnerStatus = _word(PartnerStatus.ACTIVE)
    consent: Consent = _word(Consent.SUBSCRIBED)
    consent_at: datetime | None = _time()
    # Who changed it last: an address, a key's name, or the partner by the link.
    consent_by: str = ""
    deliverability: Deliverability = _word(Deliverability.OK)
    # The provider's words on a bounce or complaint, for the log.
    deliverability_note: str = ""
    created_at: datetime = _time(null=False)
    updated_at: datetime = _time(null=False)


class Refusal(SQLModel, table=True):
    """What an address refused that no partner has any more; see domain/refusals.py."""

    __tablename__ = "refusals"

    # Of the address, which is not kept itself.
    fingerprint: str = Field(primary_key=True)
    # Since when marketing mail is not wanted; empty when it is.
    unsubscribed_at: datetime | None = _time()
    deliverability: Deliverability = _word(Deliverability.OK)
    at: datetime = _time(null=False)


class Tag(SQLModel, table=True):
    """A named segment marker."""

    __tablename__ = "tags"
    __table_args__ = (Index("uq_tags_name_key", "name_key", unique=True), AUTOINCREMENT)

    id: int = _id()
    name: str
    # Trimmed, inner spaces folded, case-folded: tags are unique by this.
    name_key: str
    color: str = "gray"
    description: str = ""
    archived_at: datetime | None = _time()
    created_at: datetime = _time(null=False)


class Cause(SQLModel, table=True):
    """Why a set of assignments was written or ended: one row per set, linked to what led to it.

    The first cause of a chain is what a person, a client or an import did; every later one is an
    automation's doing.
    """

    __tablename__ = "causes"
    __table_args__ = AUTOINCREMENT

    id: int = _id()
    parent_id: int | None = _fk("causes.id", null=True)
    # The first cause of the chain; itself for a first cause.
    root_id: int | None = _fk("causes.id", null=True)
    depth: int = 0
    source: Source = _word(Source.DASHBOARD)
    # Who did it, in words that stay true when the person or key is gone: an address, a key's name.
    actor: str = ""
    tag_id: int = _fk("tags.id")
    automation_id: int | None = _fk("automations.id", null=True)
    job_id: int | None = _fk("jobs.id", null=True)
    created_at: datetime = _time(null=False)


class Assignment(SQLModel, table=True):
    """One tag put on one partner at one moment. Open ones are the partner's tags."""

    __tablename__ = "assignments"
    __table_args__ = (
        # A tag already held is never assigned twice.
        Index(
            "uq_assignments_open",
            "partner_id",
            "tag_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignments_tag_id_ended_at", "tag_id", "ended_at", "partner_id"),
        Index("ix_assignments_cause_id", "cause_id"),
        Index("ix_assignments_partner_id", "partner_id", "id"),
        # The last time a tag was assigned is its last entry here.
        Index("ix_assignments_tag_id_id", "tag_id", "id"),
        AUTOINCREMENT,
    )

    id: int = _id()
    partner_id: int = _fk("partners.id", ondelete="CASCADE")
    tag_id: int = _fk("tags.id")
    cause_id: int = _fk("causes.id")
    created_at: datetime = _time(null=False)
    ended_at: datetime | None = _time()
    ended_cause_id: int | None = _fk("causes.id", null=True)


class Template(SQLModel, table=True):
    """An email; what it says is in its versions."""

    __tablename__ = "templates"
    __table_args__ = (Index("uq_templates_name_key", "name_key", unique=True), AUTOINCREMENT)

    id: int = _id()
    name: str
    name_key: str
    kind: TemplateKind = _word(TemplateKind.MARKETING)
    # Number of the newest version, the one new sends are decided with.
    version: int = 0
    archived_at: datetime | None = _time()
    created_at: datetime = _time(null=False)
    updated_at: datetime = _time(null=False)


class TemplateVersion(SQLModel, table=True):
    """One saved state of an email. Never changed: waiting sends keep the version they have.

    `subject`, `preheader` and `body` are as written; `html` and `text` are made of them when
    saving (layout, footer, inlined CSS), are Jinja2 too, and are what is rendered per partner.
    """

    __tablename__ = "template_versions"
    __table_args__ = (
        Index("uq_template_versions_template_id_number", "template_id", "number", unique=True),
        AUTOINCREMENT,
    )

    id: int = _id()
    template_id: int = _fk("templates.id", ondelete="CASCADE")
    number: int
    kind: TemplateKind = _word(TemplateKind.MARKETING)
    subject: str = Field(sa_type=Text)
    preheader: str = Field(default="", sa_type=Text)
    body: str = Field(sa_type=Text)
    # What the visual editor edits (JSON), and `body` was made of; None for one written as HTML.
    document: str | None = Field(default=None, sa_type=Text)
    html: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    # What the email reads of a partner: `name`, and whether it `has_fallback`.
    variables: list[dict[str, Any]] = _json(list)
    author: str = ""
    created_at: datetime = _time(null=False)


class Automation(SQLModel, table=True):
    """When a tag is assigned: an ordered list of actions."""

    __tablename__ = "automations"
    __table_args__ = (Index("ix_automations_tag_id", "tag_id"), AUTOINCREMENT)

    id: int = _id()
    name: str
    # Whether a person gave it the name; otherwise it says what the automation does.
    named: bool = True
    # One more with every change: who saves says which one they read.
    version: int = 1
    tag_id: int = _fk("tags.id")
    enabled: bool = True
    author: str = ""
    # Deleted automations stay as the history's reason, and never fire again.
    deleted_at: datetime | None = _time()
    created_at: datetime = _time(null=False)
    updated_at: datetime = _time(null=False)


class Action(SQLModel, table=True):
    """One step of an automation. Edited away, it stays (`removed_at`): sends name it."""

    __tablename__ = "actions"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'send_email' AND template_id IS NOT NULL AND tag_id IS NULL)"
            " OR (kind <> 'send_email' AND tag_id IS NOT NULL AND template_id IS NULL)",
            name="target",
        ),
        Index("ix_actions_automation_id", "automation_id", "position"),
        Index("ix_actions_template_id", "template_id"),
        Index("ix_actions_tag_id", "tag_id"),
        AUTOINCREMENT,
    )

    id: int = _id()
    automation_id: int = _fk("automations.id")
    position: int
    kind: ActionKind = _word(ActionKind.SEND_EMAIL)
    template_id: int | None = _fk("templates.id", null=True)
    tag_id: int | None = _fk("tags.id", null=True)
    delay_seconds: int = 0
    # A delayed email is skipped when the tag is gone by the time it is due.
    needs_tag: bool = True
    removed_at: datetime | None = _time()


class Run(SQLModel, table=True):
    """An automation met an assignment: `fired`, or stopped as a `loop`."""

    __tablename__ = "runs"
    __table_args__ = (
        # An automation fires at most once per partner per chain ...
        Index(
            "uq_runs_chain",
            "root_id",
            "automation_id",
            "partner_id",
            unique=True,
            sqlite_where=text("outcome = 'fired'"),
            postgresql_where=text("outcome = 'fired'"),
        ),
        # ... and meets each assignment once, also when it is switched on later.
        Index("uq_runs_assignment", "assignment_id", "automation_id", unique=True),
        Index("ix_runs_partner_id", "partner_id"),
        Index("ix_runs_automation_id", "automation_id", "id"),
        Index("ix_runs_cause_id", "cause_id", "automation_id"),
        AUTOINCREMENT,
    )
    FIRED: ClassVar[str] = "fired"
    LOOP: ClassVar[str] = "loop"

    id: int = _id()
    automation_id: int = _fk("automations.id")
    assignment_id: int = _fk("assignments.id", ondelete="CASCADE")
    partner_id: int = _fk("partners.id", ondelete="CASCADE")
    cause_id: int = _fk("causes.id")
    root_id: int = _fk("causes.id")
    outcome: str = _word(FIRED)
    created_at: datetime = _time(null=False)


class Batch(SQLModel, table=True):
    """One request to the provider: the exact bytes, and the key they always go out with.

    The payload is also the archive: "the email as sent" is read from it.
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index(
            "ix_batches_open",
            "bulk",
            "next_post_at",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("uq_batches_key", "key", unique=True),
        # What is old enough to be forgotten (domain/retention.py).
        Index(
            "ix_batches_kept",
            "created_at",
            sqlite_where=text("status = 'done' AND erased_at IS NULL"),
            postgresql_where=text("status = 'done' AND erased_at IS NULL"),
        ),
        AUTOINCREMENT,
    )

    id: int = _id()
    key: str
    status: BatchStatus = _word(BatchStatus.OPEN)
    bulk: bool = False
    # zlib-compressed JSON: an array with one email per send, in the order of `batch_index`.
    payload: bytes = Field(sa_type=LargeBinary)
    size: int
    provider: str
    # Which account it was (perhaps) posted to: a fingerprint, of which no key can be made.
    account: str = ""
    # Who is posting it, and until when nobody else may; empty when it was given back. The moments
    # were said at `said_at`.
    worker: str = ""
    said_at: datetime | None = _time()
    lease_until: datetime = _time(null=False)
    next_post_at: datetime = _time(null=False)
    posts: int = 0
    # The first post that may have reached the provider; it forgets the key 24 hours later.
    first_post_at: datetime | None = _time()
    # The provider may have it: it must settle under this key, or stay unknown.
    maybe_sent: bool = False
    last_problem: str = ""
    created_at: datetime = _time(null=False)
    # What it said was forgotten, as the program asked for; who got it and when is kept.
    erased_at: datetime | None = _time()


class Send(SQLModel, table=True):
    """One email decided for one partner: the outbox entry and the history entry."""

    __tablename__ = "sends"
    __table_args__ = (
        # One assignment, one action: at most one send.
        Index(
            "uq_sends_assignment_action",
            "assignment_id",
            "action_id",
            unique=True,
            sqlite_where=text("resend_of IS NULL"),
            postgresql_where=text("resend_of IS NULL"),
        ),
        Index(
            "ix_sends_due",
            "bulk",
            "due_at",
            "id",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        Index("uq_sends_provider_id", "provider_id", unique=True),
        Index("ix_sends_partner_id", "partner_id", "id"),
        Index("ix_sends_created_at_id", "created_at", "id"),
        Index("ix_sends_status_id", "status", "id"),
        Index("ix_sends_automation_id", "automation_id", "id"),
        # What became of an automation's emails lately is counted in the index alone.
        Index("ix_sends_automation_id_status_created_at", "automation_id", "status", "created_at"),
        Index("ix_sends_template_id", "template_id", "id"),
        Index("ix_sends_tag_id", "tag_id", "id"),
        Index("ix_sends_batch_id", "batch_id", "batch_index"),
        Index("ix_sends_cause_id", "cause_id"),
        Index(
            "ix_sends_resend_of",
            "resend_of",
            sqlite_where=text("resend_of IS NOT NULL"),
            postgresql_where=text("resend_of IS NOT NULL"),
        ),
        AUTOINCREMENT,
    )

    id: int = _id()
    partner_id: int = _fk("partners.id", ondelete="CASCADE")
    assignment_id: int = _fk("assignments.id", ondelete="CASCADE")
    automation_id: int = _fk("automations.id")
    action_id: int = _fk("actions.id")
    tag_id: int = _fk("tags.id")
    template_id: int = _fk("templates.id")
    version_id: int = _fk("template_versions.id")
    cause_id: int = _fk("causes.id")
    resend_of: int | None = _fk("sends.id", null=True, ondelete="CASCADE")
    # Who pressed "send again"; empty for a send an assignment decided.
    actor: str = ""
    status: SendStatus = _word(SendStatus.QUEUED)
    # A word of domain/reasons.py, with what it needs ("first_name") or the provider's own words.
    reason: str = ""
    detail: str = Field(default="", sa_type=Text)
    bulk: bool = False
    due_at: datetime = _time(null=False)
    # The address it was frozen with.
    recipient: str = ""
    batch_id: int | None = _fk("batches.id", null=True)
    batch_index: int | None = None
    provider_id: str | None = None
    created_at: datetime = _time(null=False)
    status_at: datetime = _time(null=False)
    sent_at: datetime | None = _time()
    delivered_at: datetime | None = _time()
    opened_at: datetime | None = _time()
    clicked_at: datetime | None = _time()


class TrialSend(SQLModel, table=True):
    """A batch of test emails: who sent them, and whose data they hold; no send stands behind it."""

    __tablename__ = "trial_sends"
    __table_args__ = (
        Index("ix_trial_sends_actor_created_at", "actor", "created_at"),
        Index("ix_trial_sends_partner_id", "partner_id"),
    )

    batch_id: int = Field(
        sa_type=sa.Integer,
        primary_key=True,
        sa_column_args=[ForeignKey("batches.id", ondelete="CASCADE")],
    )
    actor: str
    # Empty for a made-up partner.
    partner_id: int | None = None
    size: int
    created_at: datetime = _time(null=False)


class ProviderEvent(SQLModel, table=True):
    """One webhook, kept once by its id; `applied_at` stays empty until its send is settled."""

    __tablename__ = "provider_events"
    __table_args__ = (
        Index("uq_provider_events_event_id", "event_id", unique=True),
        # What is old enough to be forgotten (db/forgetting.py).
        Index("ix_provider_events_received_at", "received_at"),
        Index(
            "ix_provider_events_unapplied",
            "provider_id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
        Index(
            "ix_provider_events_unapplied_send",
            "send_id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
        AUTOINCREMENT,
    )

    id: int = _id()
    event_id: str
    provider_id: str
    # The send the event itself names; how a send without an answer is found again.
    send_id: int | None = None
    kind: str
    at: datetime = _time(null=False)
    permanent: bool = False
    detail: str = Field(default="", sa_type=Text)
    received_at: datetime = _time(null=False)
    applied_at: datetime | None = _time()


class Job(SQLModel, table=True):
    """Long work in chunks, each one transaction; picked up again after a crash."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_status_id", "status", "id"), AUTOINCREMENT)

    id: int = _id()
    kind: JobKind = _word(JobKind.ASSIGN)
    status: JobStatus = _word(JobStatus.WAITING)
    actor: str = ""
    # What the kind needs: tag_id, automation_id, run_automations, ...
    params: dict[str, Any] = _json(dict)
    total: int = 0
    done: int = 0
    counts: dict[str, int] = _json(dict)
    # Emails decided by the job leave at this moment at the earliest: until then it can be undone.
    hold_until: datetime | None = _time()
    undone_at: datetime | None = _time()
    worker: str = ""
    lease_until: datetime | None = _time()
    error: str = ""
    created_at: datetime = _time(null=False)
    finished_at: datetime | None = _time()


class JobItem(SQLModel, table=True):
    """One partner, send or row a job is about, written with it: what was shown is what is done."""

    __tablename__ = "job_items"
    __table_args__ = ()

    job_id: int = Field(
        sa_type=sa.Integer,
        primary_key=True,
        sa_column_args=[ForeignKey("jobs.id", ondelete="CASCADE")],
    )
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    partner_id: int | None = None
    send_id: int | None = None
    data: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument, nullable=True)
    problem: str = ""


class User(SQLModel, table=True):
    """A person who works in the app."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email_key", "email_key", unique=True), AUTOINCREMENT)

    id: int = _id()
    email: str
    email_key: str
    name: str = ""
    password_hash: str
    role: Role = _word(Role.VIEWER)
    disabled_at: datetime | None = _time()
    created_at: datetime = _time(null=False)
    last_login_at: datetime | None = _time()


class LoginSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table only its hash."""

    __tablename__ = "login_sessions"
    __table_args__ = (Index("ix_login_sessions_user_id", "user_id"),)

    token_hash: str = Field(primary_key=True)
    user_id: int = _fk("users.id", ondelete="CASCADE")
    csrf: str
    # Which browser, and from where, in its own words: so that a person knows their sessions.
    agent: str = ""
    address: str = ""
    created_at: datetime = _time(null=False)
    seen_at: datetime = _time(null=False)
    expires_at: datetime = _time(null=False)


class AccountLink(SQLModel, table=True):
    """A link that lets one person join, or choose a new password: once, and not for long."""

    __tablename__ = "account_links"
    __table_args__ = (
        Index("uq_account_links_token_hash", "token_hash", unique=True),
        Index("ix_account_links_user_id", "user_id"),
        AUTOINCREMENT,
    )

    id: int = _id()
    token_hash: str
    # Whose password it changes; empty when it invites somebody new.
    user_id: int | None = _fk("users.id", null=True, ondelete="CASCADE")
    # Who it was made for, in the inviter's words; the person says their own address.
    email: str = ""
    role: Role = _word(Role.VIEWER)
    actor: str
    # It works while this person is an admin; empty when it was made on the machine itself.
    maker_id: int | None = _fk("users.id", index=True, null=True, ondelete="CASCADE")
    created_at: datetime = _time(null=False)
    expires_at: datetime = _time(null=False)
    # Used or withdrawn.
    ended_at: datetime | None = _time()


class LoginAttempt(SQLModel, table=True):
    """A failed sign-in, counted for whom `auth.throttle` slows down."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_subject_at", "subject", "at"), AUTOINCREMENT)

    id: int = _id()
    subject: str
    at: datetime = _time(null=False)


class ApiKey(SQLModel, table=True):
    """A key for the REST API; shown once, stored hashed."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("uq_api_keys_key_hash", "key_hash", unique=True), AUTOINCREMENT)

    id: int = _id()
    name: str
    # The first characters, so that a person can tell keys apart.
    prefix: str
    key_hash: str
    role: Role = _word(Role.ADMIN)
    # It never may do more than this person may now; empty: the program's own, made on the machine
    # itself or before keys belonged to anybody.
    owner_id: int | None = _fk("users.id", index=True, null=True, ondelete="CASCADE")
    created_at: datetime = _time(null=False)
    last_used_at: datetime | None = _time()
    revoked_at: datetime | None = _time()


class IdempotencyKey(SQLModel, table=True):
    """The answer to a write that named an `Idempotency-Key`; `status` 0 while it is answered."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int = 0
    response: str = Field(default="", sa_type=Text)
    created_at: datetime = _time(null=False)


class Setting(SQLModel, table=True):
    """One setting of the program, changed in the app."""

    __tablename__ = "settings"

    name: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JsonDocument, nullable=True)


class Pace(SQLModel, table=True):
    """The one request-rate limit all workers share, and whether the provider stopped us."""

    __tablename__ = "pace"

    provider: str = Field(primary_key=True)
    # Requests a second, and the most an admin allows; empty: what the provider allows.
    rate: float
    ceiling: float | None = None
    # No request before this moment, which was said at that one (None: long ago).
    next_at: datetime = _time(null=False)
    said_at: datetime | None = _time()
    stop_code: str = ""
    stop_message: str = Field(default="", sa_type=Text)
    stopped_at: datetime | None = _time()
    stop_until: datetime | None = _time()


class Worker(SQLModel, table=True):
    """A running worker's sign of life."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    provider: str
    started_at: datetime = _time(null=False)
    seen_at: datetime = _time(null=False)
    # How each of its threads is, by name, in a word of dispatch/loop.py.
    threads: dict[str, str] = _json(dict)


class AuditEntry(SQLModel, table=True):
    """Who changed or started what, and when; never what an email said."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_subject", "subject", "subject_id", "id"),
        Index("ix_audit_log_actor", "actor", "id"),
        AUTOINCREMENT,
    )

    id: int = _id()
    at: datetime = _time(null=False)
    actor: str
    # partner, tag, template, automation, send, job, settings, user, signin, api_key
    subject: str
    subject_id: int | None = None
    action: str
    data: dict[str, Any] = _json(dict)
