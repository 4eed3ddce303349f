"""Emails as people write them. Each save that changes what one says is a new version.

Versions never change, so an email that waits goes out as it was decided. How one
looks for a partner is for `domain.preview` to say.
"""

import orjson
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db import templates as sql
from rxapp.db import unique
from rxapp.db.models import Template, TemplateKind, TemplateVersion
from rxapp.db.types import utcnow
from rxapp.domain import (
    audit,
    automation_words,
    usage,
)
from rxapp.domain.compose import Source, compose
from rxapp.domain.email import visual
from rxapp.domain.text import as_id, name_key, required
from rxapp.errors import AlreadyExists, InvalidInput, InvalidTemplate, NotFound, Overtaken

NAME_LIMIT = 120


class TemplateChanges(BaseModel):
    """What to change of an email. `based_on` is the version it was read as, to notice others."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    kind: TemplateKind | None = None
    subject: str | None = None
    preheader: str | None = None
    body: str | None = None
    # What the visual editor holds, as JSON; the body is made of it. "" goes over to HTML.
    document: str | None = None
    based_on: int | None = None


def find(session: Session, ref: int | str) -> Template:
    """The email of this id (a number or its digits) or name; raises NotFound."""
    number = as_id(ref)
    template = session.get(Template, number) if number else sql.by_key(session, name_key(str(ref)))
    if template is None:
        raise NotFound(f"There is no email “{ref}”.")
    return template


def create(
    session: Session,
    *,
    name: str,
    kind: TemplateKind = TemplateKind.MARKETING,
    subject: str,
    preheader: str = "",
    body: str = "",
    document: str | None = None,
    author: str,
) -> Template:
    """Write an email, as HTML (`body`) or as the visual editor's `document`.

    Raises InvalidTemplate with what is wrong, AlreadyExists for its name.
    """
    template = Template(name="", name_key="", kind=kind)
    _rename(session, template, name)
    version = draft(
        session, kind=kind, subject=subject, preheader=preheader, body=body, document=document
    )
    session.add(template)
    unique.flush(session, _taken(template))
    _add_version(session, template, version, author)
    audit.record(session, author, "template", template.id, "created", name=template.name)
    return template


def save(session: Session, template_id: int, changes: TemplateChanges, author: str) -> Template:
    """Change what is given; a new version when that changes what the email says.

    Raises like `create`, NotFound, and Overtaken when somebody saved since `based_on`.
    """
    if changes.name is not None:
        automation_words.naming(session)
    template = sql.lock(session, template_id)
    if template is None:
        raise NotFound("There is no such email.")
    old = current(session, template_id)
    if changes.based_on is not None and changes.based_on != template.version:
        raise Overtaken(
            f"{old.author or 'Somebody'} saved this email in the meantime. "
            "Reload it, so that their changes are not lost.",
            version=template.version,
        )
    said = {word: getattr(changes, word) for word in ("kind", "subject", "preheader", "body")}
    new = {word: getattr(old, word) if value is None else value for word, value in said.items()}
    # A new body alone is HTML: the document it was made of before says something else.
    kept = old.document if changes.body is None else None
    new["document"] = (kept if changes.document is None else changes.document) or None
    changed = [word for word, value in new.items() if value != getattr(old, word)]
    if changed:
        _add_version(session, template, draft(session, **new), author)
    if changes.name is not None and changes.name != template.name:
        _rename(session, template, changes.name)
        changed.append("name")
    if changed:
        template.updated_at = utcnow()
        unique.flush(session, _taken(template))
        audit.record(session, author, "template", template.id, "saved", changed=changed)
    if "name" in changed:
        automation_words.rename_unnamed(session, template_id=template.id)
    return template


def duplicate(session: Session, template_id: int, author: str) -> Template:
    """A new email that says the same, called "... (copy)"."""
    template, version = find(session, template_id), current(session, template_id)
    base = template.name[: NAME_LIMIT - len(" (copy 99)")]
    names = (f"{base} (copy{f' {n}' if n > 1 else ''})" for n in range(1, 100))
    free = (name for name in names if sql.by_key(session, name_key(name)) is None)
    name = next(free, None)
    if name is None:
        raise AlreadyExists(f"There are already 99 copies of “{template.name}”.")
    return create(
        session,
        name=name,
        kind=version.kind,
        subject=version.subject,
        preheader=version.preheader,
        body=version.body,
        document=version.document,
        author=author,
    )


def archive(session: Session, template_id: int, author: str) -> Template:
    """Retire an email: no new automation can choose it, those that send it go on."""
    template = find(session, template_id)
    if template.archived_at is None:
        template.archived_at = utcnow()
        audit.record(session, author, "template", template.id, "archived")
    return template


def unarchive(session: Session, template_id: int, author: str) -> Template:
    """Bring an archived email back."""
    template = find(session, template_id)
    if template.archived_at is not None:
        template.archived_at = None
        audit.record(session, author, "template", template.id, "unarchived")
    return template


def used_by(session: Session, template_id: int) -> list[usage.User]:
    """What keeps the email from being deleted: automations that send it, emails that wait."""
    automations = [
        usage.User(kind="automation", id=one.id, name=one.name)
        for one in sql.automations(session, template_id)
    ]
    return automations + usage.counted("waiting_sends", sql.waiting_sends(session, template_id))


def delete(session: Session, template_id: int, author: str) -> None:
    """Delete an email that was never used; raises InUse with `used_by` otherwise."""
    template = find(session, template_id)
    usage.hold(session, template)
    what = f"The email “{template.name}”"
    usage.refuse(what, used_by(session, template_id))
    if sql.has_history(session, template_id):
        usage.refuse_history(what)
    audit.record(session, author, "template", template.id, "deleted", name=template.name)
    session.delete(template)
    session.flush()


def current(session: Session, template_id: int) -> TemplateVersion:
    """What the email says now; raises NotFound."""
    version = sql.version(session, template_id)
    if version is None:
        raise NotFound("There is no such email.")
    return version


def draft(
    session: Session,
    *,
    kind: TemplateKind,
    subject: str,
    preheader: str = "",
    body: str = "",
    document: str | None = None,
) -> TemplateVersion:
    """A version that is not saved: to check, preview or test; raises InvalidTemplate.

    Where there is a `document`, the body is made of it.
    """
    if document:
        body = body_of(document)
    composed = compose(
        Source(subject=subject, preheader=preheader, body=body),
        kind=kind,
        known_fields=partner_reads.known_fields(session),
    )
    return TemplateVersion(
        template_id=0,
        number=0,
        kind=kind,
        subject=composed.subject,
        preheader=preheader,
        body=body,
        document=document or None,
        html=composed.html,
        text=composed.text,
        variables=[{"name": u.name, "has_fallback": u.has_fallback} for u in composed.variables],
    )


def body_of(document: str) -> str:
    """The HTML of the visual editor's document; raises InvalidTemplate."""
    try:
        return visual.to_html(orjson.loads(document))
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise InvalidTemplate(visual.UNREADABLE, "body") from error


def count_missing(session: Session, version: TemplateVersion) -> dict[str, int]:
    """For each variable without a fallback, how many active partners have nothing in it."""
    needed = [one["name"] for one in version.variables if not one["has_fallback"]]
    return {name: n for name, n in sql.count_empty(session, needed).items() if n}


def _add_version(
    session: Session, template: Template, version: TemplateVersion, author: str
) -> None:
    template.version += 1
    template.kind = version.kind
    version.template_id, version.number, version.author = template.id, template.version, author
    session.add(version)
    session.flush()


def _rename(session: Session, template: Template, name: str) -> None:
    name = required(name, "name", NAME_LIMIT)
    if name.isdecimal():
        raise InvalidInput("An email's name needs more than digits: those are for ids.", "name")
    other = sql.by_key(session, name_key(name))
    if other is not None and other.id != template.id:
        raise AlreadyExists(_taken(other), field="name")
    template.name, template.name_key = name, name_key(name)


def _taken(template: Template) -> str:
    hint = " It is archived: you can restore it." if template.archived_at else ""
    return f"There is already an email “{template.name}”.{hint}"
