"""Recipes: a tag, an email and the automation that joins them, ready to use.

Each is built around a starter email, and there is one for each use case the app is made for.
"""

from dataclasses import dataclass
from itertools import count

from sqlmodel import Session

from rxapp.db import automations as automation_reads
from rxapp.db import tags as tag_reads
from rxapp.db import templates as template_reads
from rxapp.db.models import ActionKind, Automation, Tag, Template
from rxapp.domain import automations, tag_catalog, templates
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.automations import AutomationInput
from rxapp.domain.starters import Starter, starters
from rxapp.domain.text import name_key
from rxapp.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an automation is good for; `slug` is the starter email's, `color` the new tag's."""

    slug: str
    title: str
    about: str
    color: str
    email: Starter


# In the order they are offered: what each is called and good for, and its tag's color.
_ABOUT = {
    "vip-welcome": (
        "Welcome a VIP",
        "Greet a partner you have just made a VIP, and say what changes for them.",
        "violet",
    ),
    "onboarding-nudge": (
        "Nudge a newcomer",
        "Help partners who signed up and have not got going yet.",
        "amber",
    ),
    "tier-upgrade": (
        "Celebrate a new tier",
        "Congratulate partners who have reached Gold, and show them their benefits.",
        "orange",
    ),
    "re-engagement": (
        "Wake up the quiet ones",
        "Reach partners whose activity has dropped, before they are gone.",
        "teal",
    ),
    "win-back": (
        "Win a partner back",
        "Invite partners who have left to come back.",
        "crimson",
    ),
}


def recipes() -> list[Recipe]:
    """All recipes, in the order they are offered."""
    emails = {one.slug: one for one in starters()}
    return [Recipe(slug, *about, emails[slug]) for slug, about in _ABOUT.items() if slug in emails]


def find(slug: str) -> Recipe:
    """The recipe of this name; raises NotFound."""
    found = next((one for one in recipes() if one.slug == slug), None)
    if found is None:
        raise NotFound("There is no such recipe.")
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What using a recipe would make, and what it would use that is there already."""

    # None: it will be made.
    tag: Tag | None
    template: Template | None
    # How many partners have the tag already; they are not emailed.
    holders: int
    # The automation that does the same already, by its name; nothing can be made then.
    taken: str


def plan(session: Session, slug: str, tag_name: str) -> Plan:
    """What `use` would do; raises NotFound for an unknown recipe."""
    recipe = find(slug)
    tag = tag_reads.by_key(session, tag_catalog.normalize(tag_name))
    template = template_reads.by_key(session, name_key(recipe.email.name))
    if template is not None and template.archived_at is not None:
        template = None
    same = [
        view.name
        for view in automation_reads.page(session, tag_id=tag.id, template_id=template.id)
    ] if tag and template else []  # fmt: skip
    holders = tag_reads.holders(session, tag.id) if tag else 0
    return Plan(tag, template, holders, same[0] if same else "")


def use(session: Session, slug: str, *, tag_name: str, actor: str) -> Automation:
    """Make the recipe's automation, switched on, with its tag and email where they are missing.

    An email of the recipe's name that is there is used as it is. Raises Conflict when an
    automation does the same already, and what making a tag or an automation raises.
    """
    recipe, planned = find(slug), plan(session, slug, tag_name)
    if planned.taken:
        raise Conflict(f"That is there already: the automation “{planned.taken}”.")
    tag = planned.tag or tag_catalog.create(session, tag_name, color=recipe.color, actor=actor)
    template = planned.template or _write(session, recipe.email, actor)
    step = ActionInput(kind=ActionKind.SEND_EMAIL, template_id=template.id)
    return automations.create(session, AutomationInput(tag_id=tag.id, actions=[step]), actor)


def _write(session: Session, starter: Starter, author: str) -> Template:
    names = (f"{starter.name}{f' {n}' if n > 1 else ''}" for n in count(1))
    return templates.create(
        session,
        # An archived email keeps its name.
        name=next(n for n in names if template_reads.by_key(session, name_key(n)) is None),
        kind=starter.kind,
        subject=starter.subject,
        preheader=starter.preheader,
        body=starter.body,
        author=author,
    )
