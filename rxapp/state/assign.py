"""Assigning a tag to one partner: what it would send is said before, what it sent after."""

from __future__ import annotations

from reflex.event import Event, EventCallback

from rxapp.db.engine import reading, writing
from rxapp.db.models import Source
from rxapp.domain import partners, reasons, tag_catalog
from rxapp.domain.leaving import Leaving, leaving
from rxapp.domain.preflight import preflight
from rxapp.domain.tags import Assigned, assign_tags
from rxapp.errors import InvalidInput
from rxapp.state import foreseen, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import Foreseen
from rxapp.state.options import NEW, Option, new_name, with_new
from rxapp.state.partner import PartnerState
from rxapp.state.partners import tag_options


class AssignState(AppState):
    """The dialog on a partner's page."""

    opened: bool = False
    tags: list[Option] = []
    tag: str = ""
    new_tag: str = ""
    answer: Foreseen = Foreseen()
    ready: bool = False

    @handler("editor")
    async def open(self) -> None:
        """Open the dialog with the tags the partner does not have."""
        page = await self.get_state(PartnerState)
        self._forget()
        held = {str(tag.id) for tag in page.partner.tags}
        self.tags = [option for option in await run(tag_options) if option.value not in held]
        self.opened = True

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close it; nothing was assigned."""
        self.opened = opened

    @handler("editor", supersedes=True)
    async def pick(self, tag: str) -> Event | None:
        """Take a tag, and say what assigning it would do."""
        if tag == NEW:
            return say.then(AssignState.pick_new, name=new_name(self.tags))
        page = await self.get_state(PartnerState)
        self._forget()
        self.answer = await run(_foresee, int(tag), page.partner.id)
        self.tag, self.ready = tag, self.answer.added > 0
        return None

    @handler("editor")
    async def pick_new(self, name: str) -> None:
        """Take a tag that is made when it is assigned."""
        self._forget()
        self.tags = with_new(self.tags, name)
        self.tag, self.new_tag = NEW, name
        self.answer, self.ready = foreseen.of_new(name, 1), True

    @handler("editor")
    async def assign(self) -> list[Event | EventCallback[()]]:
        """Assign the tag that was picked."""
        if not self.ready:
            raise InvalidInput("Choose a tag first.")
        page = await self.get_state(PartnerState)
        tag_id = None if self.tag == NEW else int(self.tag)
        said = await run(_assign, tag_id, self.new_tag, page.partner.id, current_user().label)
        self.opened = False
        return [say.success(said), PartnerState.refresh]

    def _forget(self) -> None:
        self.tag = self.new_tag = ""
        self.answer, self.ready = Foreseen(), False


def _foresee(tag_id: int, partner_id: int) -> Foreseen:
    with reading() as session:
        name = tag_catalog.find(session, tag_id).name
        partner = partners.find(session, partner_id)
        label = (
            f"{partner.first_name} {partner.last_name}".strip() or partner.email or "The partner"
        )
    # The assignment is really made, and taken back: that takes a writing transaction.
    with writing() as session:
        found = preflight(session, tag_id, [partner_id])
        return foreseen.of_one(found, name, label, leaving(session))


def _assign(tag_id: int | None, new_tag: str, partner_id: int, actor: str) -> str:
    """Assign the tag, made if it is new; returns what that did, in a sentence."""
    with writing() as session:
        if tag_id is None:
            tag = tag_catalog.ensure(session, new_tag, actor=actor)
        else:
            tag = tag_catalog.find(session, tag_id)
        done = assign_tags(session, tag.id, [partner_id], source=Source.DASHBOARD, actor=actor)
        return _said(done, tag.name, leaving(session))


def _said(done: Assigned, tag: str, way: Leaving) -> str:
    if not done.added:
        return f"The partner had “{tag}” already: nothing happened."
    later = sum(
        number
        for (_, _, _, delay, status, _), number in done.tally.emails.items()
        if delay and status == "queued"
    )
    queued = foreseen.going(way, done.queued - later, later) or "No email is sent."
    withheld = " ".join(reasons.sentence(reason) for reason in done.skipped)
    return f"“{tag}” is assigned. {queued} {withheld}".strip()
