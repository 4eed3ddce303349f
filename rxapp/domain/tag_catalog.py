"""The tags there are. Putting them on partners is `domain.tags`."""

from sqlmodel import Session

from rxapp.db import tags as sql
from rxapp.db import unique
from rxapp.db.models import Automation, Tag
from rxapp.db.types import utcnow
from rxapp.domain import audit, automation_words, usage
from rxapp.domain.text import as_id, findable, name_key, one_line, required
from rxapp.errors import AlreadyExists, InvalidInput, NotFound

NAME_LIMIT = 100
DESCRIPTION_LIMIT = 500
# Names of the colors the pages can draw (those of Radix, which Reflex's components use).
COLORS = (
    "gray", "tomato", "red", "crimson", "pink", "plum", "purple", "violet", "indigo",
    "blue", "cyan", "teal", "green", "grass", "lime", "amber", "orange", "brown",
)  # fmt: skip


def normalize(name: str) -> str:
    """What makes two tag names the same, as `name_key` has it."""
    return name_key(name)


def checked_name(name: str) -> str:
    """The name as it is kept; raises InvalidInput for one that no tag can have."""
    name = required(name, "name", NAME_LIMIT)
    if ";" in name:
        raise InvalidInput("A tag's name has no “;”: it separates tags in imported files.", "name")
    if name.isdecimal():
        raise InvalidInput("A tag's name needs more than digits: those are for ids.", "name")
    return findable(name, "name")


def find(session: Session, ref: int | str) -> Tag:
    """The tag with this id (a number or its digits) or name; raises NotFound."""
    number = as_id(ref)
    tag = session.get(Tag, number) if number else sql.by_key(session, normalize(str(ref)))
    if tag is None:
        raise NotFound(f"There is no tag “{ref}”.")
    return tag


def create(
    session: Session, name: str, *, color: str = "gray", description: str = "", actor: str
) -> Tag:
    """Make a tag; raises AlreadyExists for a name that is taken, InvalidInput for a bad one."""
    tag = Tag(name="", name_key="")
    _rename(session, tag, name)
    tag.color = _color(color)
    tag.description = one_line(description, "description", DESCRIPTION_LIMIT)
    session.add(tag)
    unique.flush(session, _taken(tag))
    audit.record(session, actor, "tag", tag.id, "created", name=tag.name)
    return tag


def ensure(session: Session, name: str, *, actor: str) -> Tag:
    """The tag of this name, made if there is none; an archived one is given back as it is."""
    return sql.by_key(session, normalize(name)) or create(session, name, actor=actor)


def update(
    session: Session,
    tag_id: int,
    *,
    name: str | None = None,
    color: str | None = None,
    description: str | None = None,
    actor: str,
) -> Tag:
    """Change what is given; raises like `create`, and NotFound."""
    if name is not None:
        automation_words.naming(session)
    tag = find(session, tag_id)
    before = {"name": tag.name, "color": tag.color, "description": tag.description}
    if name is not None:
        _rename(session, tag, name)
    if color is not None:
        tag.color = _color(color)
    if description is not None:
        tag.description = one_line(description, "description", DESCRIPTION_LIMIT)
    unique.flush(session, _taken(tag))
    changed = {word: old for word, old in before.items() if getattr(tag, word) != old}
    if changed:
        audit.record(session, actor, "tag", tag.id, "updated", before=changed)
    if "name" in changed:
        automation_words.rename_unnamed(session, tag_id=tag.id)
    return tag


def archive(session: Session, tag_id: int, *, actor: str) -> Tag:
    """Retire a tag: who has it keeps it, but nobody can be given it by hand, API or import."""
    tag = find(session, tag_id)
    if tag.archived_at is None:
        tag.archived_at = utcnow()
        audit.record(session, actor, "tag", tag.id, "archived")
    return tag


def unarchive(session: Session, tag_id: int, *, actor: str) -> Tag:
    """Bring an archived tag back."""
    tag = find(session, tag_id)
    if tag.archived_at is not None:
        tag.archived_at = None
        audit.record(session, actor, "tag", tag.id, "unarchived")
    return tag


def used_by(session: Session, tag_id: int) -> list[usage.User]:
    """What keeps the tag from being deleted: automations, partners who have it, waiting emails."""
    return [
        *_automations(sql.automations(session, tag_id)),
        *usage.counted("partners", sql.holders(session, tag_id)),
        *usage.counted("waiting_sends", sql.waiting_sends(session, tag_id)),
    ]


def delete(session: Session, tag_id: int, *, actor: str) -> None:
    """Delete a tag that was never used; raises InUse with `used_by` otherwise."""
    tag = find(session, tag_id)
    usage.hold(session, tag)
    what = f"The tag “{tag.name}”"
    usage.refuse(what, used_by(session, tag_id))
    if sql.has_history(session, tag_id):
        usage.refuse_history(what)
    audit.record(session, actor, "tag", tag.id, "deleted", name=tag.name)
    session.delete(tag)
    session.flush()


def _automations(found: list[Automation]) -> list[usage.User]:
    return [usage.User(kind="automation", id=one.id, name=one.name) for one in found]


def _rename(session: Session, tag: Tag, name: str) -> None:
    if tag.name and name == tag.name:
        # Also one that was made before there was a rule against it.
        return
    name = checked_name(name)
    other = sql.by_key(session, normalize(name))
    if other is not None and other.id != tag.id:
        raise AlreadyExists(_taken(other), field="name", id=other.id)
    tag.name, tag.name_key = name, normalize(name)


def _taken(tag: Tag) -> str:
    hint = " It is archived: you can restore it." if tag.archived_at else ""
    return f"There is already a tag “{tag.name}”.{hint}"


def _color(color: str) -> str:
    if color not in COLORS:
        raise InvalidInput(
            f"There is no color “{color}”. Take one of: {', '.join(COLORS)}.", "color"
        )
    return color
