"""Short ways to put a program into the database, without going through the code under test."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, select

from rxapp.db.models import (
    Action,
    ActionKind,
    Automation,
    Partner,
    Tag,
    Template,
    TemplateKind,
    TemplateVersion,
)


def partner(session: Session, name: str = "ada", **values: Any) -> int:
    """A partner called `name`, reachable at name@partners.test."""
    address = values.pop("email", f"{name}@partners.test")
    values = {"first_name": name.title()} | values
    row = Partner(email=address, email_key=address and address.casefold(), **values)
    session.add(row)
    session.flush()
    return row.id


def partners(session: Session, number: int) -> list[int]:
    """Many partners: p1@partners.test and on."""
    found: list[int] = []
    # In pieces: PostgreSQL ends a transaction that computes for long between two statements.
    for first in range(1, number + 1, 200):
        rows = [
            Partner(
                email=f"p{i}@partners.test", email_key=f"p{i}@partners.test", first_name=f"P{i}"
            )
            for i in range(first, min(first + 200, number + 1))
        ]
        session.add_all(rows)
        session.flush()
        found += [row.id for row in rows]
    return found


def tag(session: Session, name: str = "vip") -> int:
    """A tag."""
    row = Tag(name=name, name_key=name.casefold())
    session.add(row)
    session.flush()
    return row.id


def template(
    session: Session,
    name: str = "Welcome",
    *,
    kind: TemplateKind = TemplateKind.MARKETING,
    subject: str = "Welcome, {{ partner.first_name | default('there') }}",
    html: str = "<p>Hello {{ partner.first_name | default('there') }}</p>",
    text: str = "Hello {{ partner.first_name | default('there') }}",
) -> int:
    """An email with one version."""
    row = Template(name=name, name_key=name.casefold(), kind=kind, version=1)
    session.add(row)
    session.flush()
    session.add(
        TemplateVersion(
            template_id=row.id,
            number=1,
            kind=kind,
            subject=subject,
            body=html,
            html=html,
            text=text,
        )
    )
    session.flush()
    return row.id


def automation(
    session: Session, tag_id: int, *actions: dict[str, Any], name: str = "", enabled: bool = True
) -> int:
    """An automation: `automation(s, vip, email(welcome), adds(gold))`."""
    row = Automation(name=name or f"on {tag_id}", tag_id=tag_id, enabled=enabled)
    session.add(row)
    session.flush()
    for position, action in enumerate(actions):
        session.add(Action(automation_id=row.id, position=position, **action))
    session.flush()
    return row.id


def email(template_id: int, **values: Any) -> dict[str, Any]:
    """The action *Send email*."""
    return {"kind": ActionKind.SEND_EMAIL, "template_id": template_id, **values}


def adds(tag_id: int) -> dict[str, Any]:
    """The action *Add tag*."""
    return {"kind": ActionKind.ADD_TAG, "tag_id": tag_id}


def removes(tag_id: int) -> dict[str, Any]:
    """The action *Remove tag*."""
    return {"kind": ActionKind.REMOVE_TAG, "tag_id": tag_id}


def rows(session: Session, model: type[Any]) -> Sequence[Any]:
    """Every row of a table, by id."""
    return session.exec(select(model).order_by(model.id)).all()


def all_rows(session: Session, model: type[Any]) -> Sequence[Any]:
    """Every row of a table that has no number for its key."""
    return session.exec(select(model)).all()
