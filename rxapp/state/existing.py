"""Those who have a tag already: whether an automation is also run for them, told in numbers.

The answer is no unless a person says yes; then it is said first what that does, and above a number
of emails that number is typed.
"""

from __future__ import annotations

from rxapp.db.engine import reading, writing
from rxapp.domain import preflight, settings, tag_catalog
from rxapp.domain.leaving import leaving
from rxapp.domain.preflight import ExistingPiece, Preflight, Proposed
from rxapp.errors import InvalidInput
from rxapp.state import foreseen
from rxapp.state.base import AppState, given_back, handler, run
from rxapp.state.bulk import PIECE, TYPE_ABOVE, as_number
from rxapp.state.foreseen import Foreseen, people


@given_back
class ExistingState(AppState):
    """The question whether an automation, saved or not, is also run for those who have its tag."""

    proposed: Proposed = Proposed()
    tag_id: int = 0
    # How many they are.
    number: int = 0
    whom: str = ""
    include: bool = False
    # The pre-flight is under way.
    checking: bool = False
    progress: str = ""
    answer: Foreseen = Foreseen()
    must_type: bool = False
    typed: str = ""
    # Whether it may go on: the answer is no, or yes and it is known what that does.
    ready: bool = True

    # Which question is being answered: an answer to an earlier one is of no use.
    _asked: int = 0

    @handler("admin", background=True)
    async def choose(self, include: bool) -> None:
        """Answer yes or no; after a yes, look at what that would do."""
        async with self:
            self._forget()
            self.include, self.checking, self.ready = include, include, not include
            asked, proposed, tag_id = self._asked, self.proposed, self.tag_id
        if not include:
            return
        found: Foreseen | None = None
        try:
            found = await self._foresee(proposed, tag_id, asked)
        finally:
            async with self:
                if self._asked == asked:
                    self.checking = False
                    # What could not be looked at is not done either.
                    self.include = found is not None
                    self._answer(found or Foreseen())

    @handler("admin")
    async def type_number(self, text: str) -> None:
        """Note the number of emails the person typed."""
        self.typed = text
        self.ready = as_number(text) == self.answer.emails

    def _ask(self, proposed: Proposed, tag_id: int, number: int) -> None:
        """Begin the question about an automation whose tag so many partners have."""
        self._forget()
        self.proposed, self.tag_id, self.number, self.whom = (
            proposed,
            tag_id,
            number,
            people(number),
        )
        self.include, self.ready = False, True

    async def _come_back(self, forms: dict[str, dict[str, str]]) -> None:  # noqa: ARG002
        if self.checking:
            # Who counted ended with the server.
            self._forget()
            self.include, self.ready = False, True

    def _decided(self) -> bool:
        """Whether to include them; raises InvalidInput while that is not settled."""
        if not self.include:
            return False
        if self.checking:
            raise InvalidInput("Wait a moment: it is still counted who would be emailed.")
        if self.must_type and as_number(self.typed) != self.answer.emails:
            raise InvalidInput(f"Type {self.answer.written} to send that many emails.")
        return True

    def _forget(self) -> None:
        self._asked += 1
        self.answer, self.progress, self.typed = Foreseen(), "", ""
        self.checking = self.must_type = False

    def _answer(self, answer: Foreseen) -> None:
        self.answer = answer
        self.must_type = answer.emails > TYPE_ABOVE
        self.ready = not self.must_type

    async def _foresee(self, proposed: Proposed, tag_id: int, asked: int) -> Foreseen | None:
        """The pre-flight, piece by piece; None when nobody waits for it any more."""
        found, after, done = Preflight(), 0, 0
        while True:
            piece = await run(_piece, proposed, after)
            found.add(piece.found)
            after, done = piece.last, done + piece.number
            async with self:
                if self._asked != asked:
                    return None
                self.progress = f": {done:,} of {self.whom}"
            if piece.number < PIECE:
                return await run(_told, found, tag_id)


def _piece(proposed: Proposed, after: int) -> ExistingPiece:
    # It is really done, and taken back: that takes a writing transaction.
    with writing() as session:
        return preflight.of_existing(session, proposed, after=after, limit=PIECE)


def _told(found: Preflight, tag_id: int) -> Foreseen:
    with reading() as session:
        tag, hold = tag_catalog.find(session, tag_id), settings.program(session).undo_seconds
        return foreseen.of_existing(found, tag.name, leaving(session), hold)
