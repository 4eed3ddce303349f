"""The recipe gallery: from a use case to a tag, an email and an automation that is on."""

from __future__ import annotations

from dataclasses import dataclass

from reflex.event import Event

from rxapp import routes
from rxapp.db import tags as tag_reads
from rxapp.db.engine import reading, writing
from rxapp.domain import recipes, tag_catalog
from rxapp.domain.leaving import leaving
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.email_draft import Draft, Shown, preview
from rxapp.state.foreseen import people
from rxapp.state.options import NEW, Option, new_name, with_new


@dataclass
class RecipeCard:
    """A recipe as the gallery shows it."""

    slug: str = ""
    title: str = ""
    about: str = ""
    tag: str = ""
    color: str = ""
    email: str = ""


@given_back
class RecipesState(AppState):
    """The gallery, and the recipe that is looked at."""

    cards: list[RecipeCard] = []
    gallery: bool = False
    opened: bool = False
    recipe: RecipeCard = RecipeCard()
    tags: list[Option] = []
    tag: str = ""
    shown: Shown = Shown()
    # What using it would make and use, and why it cannot be used.
    notes: list[str] = []
    taken: str = ""

    @handler("viewer")
    async def load(self) -> None:
        """Show what there is."""
        if not self._goes_on:
            self.gallery = self.opened = False
        self.cards = [
            RecipeCard(one.slug, one.title, one.about, one.email.tag, one.color, one.email.name)
            for one in recipes.recipes()
        ]

    @handler("admin")
    async def set_gallery(self, opened: bool) -> None:
        """Open or close the gallery over the list."""
        self.gallery = opened

    @handler("admin")
    async def open(self, slug: str) -> None:
        """Look at one recipe: its email as a partner gets it, and its tag, to be changed."""
        one = await run(recipes.find, slug)
        self.recipe = next(card for card in self.cards if card.slug == slug)
        self.tags, self.tag = await run(_tags, one.email.tag)
        draft = Draft(one.email.name, one.email.kind, one.email.subject, "", one.email.body)
        self.shown = await run(preview, draft, "")
        self.gallery, self.opened = False, True
        await self._plan()

    @handler("admin")
    async def set_opened(self, opened: bool) -> None:
        """Close it; nothing was made."""
        self.opened = opened

    @handler("admin")
    async def pick_tag(self, tag: str) -> None:
        """Use another tag."""
        self.tag = tag
        await self._plan()

    @handler("admin")
    async def new_tag(self, name: str) -> None:
        """Use a tag that is made with it."""
        self.tags, self.tag = with_new(self.tags, name), NEW
        await self._plan()

    @handler("admin")
    async def use(self) -> list[Event]:
        """Make it all, switched on, and show it."""
        made, note = await run(_use, self.recipe.slug, self._tag_name(), current_user().label)
        self.opened = False
        return [
            say.go(routes.automation(made)),
            say.success(f"It is on: whoever gets “{self._tag_name()}” is emailed. {note}".strip()),
        ]

    def _tag_name(self) -> str:
        if self.tag == NEW:
            return new_name(self.tags)
        return next((one.label for one in self.tags if one.value == self.tag), "")

    async def _plan(self) -> None:
        self.notes, self.taken = await run(_planned, self.recipe.slug, self._tag_name())


def _tags(name: str) -> tuple[list[Option], str]:
    """The tags to choose from, and the recipe's own among them, to be made if it is not there."""
    with reading() as session:
        rows = tag_reads.page(session)
    options = [Option(str(row.id), row.name, people(row.partners), row.color) for row in rows]
    found = next((one for one in options if tag_catalog.normalize(one.label) == name), None)
    return (options, found.value) if found else (with_new(options, name), NEW)


def _planned(slug: str, tag_name: str) -> tuple[list[str], str]:
    with reading() as session:
        plan = recipes.plan(session, slug, tag_name)
        email = recipes.find(slug).email.name
        tag = plan.tag.name if plan.tag else tag_name
        named = plan.template.name if plan.template else ""
    if plan.taken:
        return [], f"“{email}” is sent when “{tag}” is assigned already. Choose another tag."
    if not plan.tag:
        notes = [f"The tag “{tag}” is made. Nobody has it yet, so nobody is emailed now."]
    elif plan.holders:
        has = "has" if plan.holders == 1 else "have"
        notes = [f"{people(plan.holders)} {has} “{tag}” already: they are not emailed."]
    else:
        notes = [f"Nobody has “{tag}” yet, so nobody is emailed now."]
    if named:
        notes.append(f"Your email “{named}” is used as it is.")
    else:
        notes.append(f"The email “{email}” is added to your emails, yours to change.")
    return notes, ""


def _use(slug: str, tag_name: str, actor: str) -> tuple[int, str]:
    """Make it; returns the automation's id, and what holds emails back now."""
    with writing() as session:
        made = recipes.use(session, slug, tag_name=tag_name, actor=actor)
        return made.id, leaving(session).note
