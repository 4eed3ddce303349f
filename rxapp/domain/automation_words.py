"""Automations in words: the sentence that is what happens, and the name of one nobody named.

Such a name is what it does, so it follows its tags and emails when these are called otherwise.
"""

from sqlmodel import Session

from rxapp.db import automations as sql
from rxapp.db.automations import ActionView, AutomationView
from rxapp.db.models import ActionKind

NAME_LIMIT = 120


def sentence(view: AutomationView) -> str:
    """The automation in words: When *vip* is assigned → send *Welcome to VIP* → add tag *gold*."""
    return " → ".join([f"When *{view.tag}* is assigned", *map(step_sentence, view.actions)])


def step_sentence(step: ActionView) -> str:
    """One step in words: after 2 days send *Welcome to VIP*."""
    match step.kind:
        case ActionKind.SEND_EMAIL:
            wait = f"after {duration(step.delay_seconds)} " if step.delay_seconds else ""
            return f"{wait}send *{step.template}*"
        case ActionKind.ADD_TAG:
            return f"add tag *{step.tag}*"
        case _:
            return f"remove tag *{step.tag}*"


def duration(seconds: int) -> str:
    """A length of time in the largest units that say it exactly, such as `1 day 12 hours`."""
    words = []
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            words.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(words) or "0 seconds"


def plain(view: AutomationView) -> str:
    """The sentence without marks: When vip is assigned → send Welcome to VIP."""
    return sentence(view).replace("*", "")


def computed_name(view: AutomationView) -> str:
    """What an automation is called that nobody gave a name."""
    words = plain(view)
    return words if len(words) <= NAME_LIMIT else f"{words[: NAME_LIMIT - 1]}…"


def title(view: AutomationView) -> str:
    """The name a person gave; empty where the sentence is all there is to say."""
    return view.name if view.named else ""


def naming(session: Session) -> None:
    """Let nobody save an automation meanwhile: its name could be made of the one that goes."""
    sql.lock(session)


def rename_unnamed(
    session: Session, *, tag_id: int | None = None, template_id: int | None = None
) -> None:
    """Have the automations that nobody named say what a tag or an email is called now.

    Whoever renames holds `naming` from before they touch the tag or email.
    """
    session.flush()
    for view in sql.unnamed(session, tag_id=tag_id, template_id=template_id):
        sql.call(session, view.id, computed_name(view))
