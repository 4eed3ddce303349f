"""The list of partners: searched and filtered by what stands in the page's address, and chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import get_args

from reflex.event import Event

from rxapp import routes
from rxapp.db import partners as sql
from rxapp.db import tags as tags_sql
from rxapp.db.assignments import Partners
from rxapp.db.engine import reading, writing
from rxapp.db.models import Deliverability, PartnerStatus
from rxapp.db.partners import LastEmail, PartnerRow, Sort
from rxapp.domain import partner_filters, partners
from rxapp.domain.partner_filters import wanted
from rxapp.domain.partners import PartnerInput
from rxapp.errors import InvalidInput
from rxapp.state import query, say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.foreseen import people
from rxapp.state.options import Option

PAGE = 50
TAGS_SHOWN = 3
# Seconds in which an address that says what is shown already needs no further reading.
JUST_NOW = 2.0
FILTERS = (*partner_filters.NAMES, "sort", "page")


@dataclass
class Chip:
    """A tag as a row shows it."""

    id: int
    name: str
    color: str


@dataclass
class TagGroup:
    """Tags the list is filtered by. `name` is the address's: any, all or none of them are held."""

    name: str
    words: str
    tags: list[Chip] = field(default_factory=list)


@dataclass
class PartnerLine:
    """A partner as the table shows it."""

    id: int
    name: str
    email: str
    company: str
    # What keeps emails away: a status other than active, no consent, an address that failed.
    state: str
    added_at: str
    tags: list[Chip] = field(default_factory=list)
    more_tags: int = 0
    # The latest email decided for them, if there is one.
    last_email: str = ""
    last_status: str = ""
    last_at: str = ""


@given_back
class PartnersState(AppState):
    """One page of partners, and which of them are chosen."""

    rows: list[PartnerLine] = []
    loading: bool = True
    nothing: bool = False
    total: int = 0
    shown: str = ""
    has_previous: bool = False
    has_next: bool = False
    filters: dict[str, str] = {}
    filtered: bool = False
    tags: list[Option] = []
    tag_groups: list[TagGroup] = []
    tags_asked: int = 0
    # Chosen are these partners, or with `all_chosen` everybody the filters let through.
    chosen: list[int] = []
    all_chosen: bool = False
    chosen_number: int = 0
    chosen_words: str = ""
    all_words: str = ""
    page_chosen: bool = False
    adding: bool = False
    # When rows were shown ahead of the address, on this process's clock.
    _shown_at: float = 0.0

    @handler("viewer")
    async def load(self) -> None:
        """Show the page the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        wished = {name: asked.get(name, "") for name in FILTERS}
        if wished == self.filters and monotonic() - self._shown_at < JUST_NOW:
            return
        self.tags = await run(tag_options, archived=None)
        self._ask(wished)
        await self._read()
        self.loading = False

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has changed meanwhile."""
        if not self.loading:
            await self._read()

    @handler("viewer")
    async def search(self, text: str) -> Event:
        """Keep the partners who are called like this."""
        return await self._go({"q": text.strip()})

    @handler("viewer")
    async def narrow(self, name: str, value: str) -> Event:
        """Set one filter, or take it away with an empty value."""
        return await self._go({_known(name): value})

    @handler("viewer")
    async def ask_tag(self, name: str, tag: str) -> Event:
        """Ask for one more tag; `name` says whether any, all or none of them are to be held."""
        asked = [*partner_filters.tag_ids(self.filters[name]), *partner_filters.tag_ids(tag)]
        return await self._go({_known(name): _listed(asked)})

    @handler("viewer")
    async def drop_tag(self, name: str, tag_id: int) -> Event:
        """Ask for this tag no longer."""
        asked = [one for one in partner_filters.tag_ids(self.filters[name]) if one != tag_id]
        return await self._go({_known(name): _listed(asked)})

    @handler("viewer")
    async def sort_by(self, column: str) -> Event:
        """Sort by a column, the other way round when it is that one already."""
        now = self.filters["sort"]
        sort = f"-{column}" if now == column else column
        return await self._go({"sort": sort})

    @handler("viewer")
    async def turn(self, step: int) -> Event:
        """Turn so many pages on."""
        return await self._go({"page": query.turned(self.filters, step)}, replace=False)

    @handler("viewer")
    async def clear(self) -> Event:
        """Take all filters away."""
        return await self._go(dict.fromkeys(FILTERS, ""))

    @handler("admin")
    async def choose(self, partner_id: int) -> None:
        """Choose a partner, or no longer."""
        now = [row.id for row in self.rows] if self.all_chosen else self.chosen
        without = [one for one in now if one != partner_id]
        self._choose(without if len(without) < len(now) else [*now, partner_id])

    @handler("admin")
    async def choose_page(self) -> None:
        """Choose everybody on this page, or with all of them chosen, nobody of them."""
        here = [row.id for row in self.rows]
        others = [] if self.all_chosen else [one for one in self.chosen if one not in here]
        self._choose(others if self.page_chosen else others + here)

    @handler("admin")
    async def choose_all(self) -> None:
        """Choose everybody the filters let through, on whatever page."""
        self._choose([], everybody=True)

    @handler("admin")
    async def choose_nobody(self) -> None:
        """Drop the choice."""
        self._choose([])

    @handler("admin")
    async def export(self) -> list[Event]:
        """Download the chosen partners as a CSV file."""
        asked = {name: self.filters[name] for name in partner_filters.NAMES}
        if not self.all_chosen:
            if len(self.chosen) > partner_filters.IDS_LIMIT:
                raise InvalidInput(
                    f"One by one, {partner_filters.IDS_LIMIT:,} partners can be exported. "
                    "For more, filter the list and choose all that match."
                )
            asked = {"ids": ",".join(map(str, self.chosen))}
        return [
            say.download(query.address(routes.EXPORT_PARTNERS, asked)),
            # Not at the lower edge: the bar with the next thing to do is there.
            say.success(
                f"Downloading {people(self.chosen_number)} as a CSV file.", position="top-center"
            ),
        ]

    @handler("editor")
    async def new(self) -> None:
        """Open the dialog for a new partner."""
        self.errors, self.adding = {}, True

    @handler("viewer")
    async def set_adding(self, opened: bool) -> None:
        """Close it."""
        self.adding = opened

    @handler("editor", form=True)
    async def add(self, form: dict[str, str]) -> list[Event]:
        """Add a partner and go to their page."""
        partner_id = await run(_add, form, current_user().label)
        self.adding = False
        return [
            say.go(routes.partner(partner_id)),
            say.success("The partner is added. Now assign a tag."),
        ]

    async def _go(self, changes: Mapping[str, str], *, replace: bool = True) -> Event:
        """Show at once what these filters let through, and only then put them into the address.

        Other filters begin at the first page.
        """
        self._ask({**self.filters, "page": "", **changes})
        await self._read()
        self._shown_at = monotonic()
        return say.go(query.address(routes.PARTNERS, self.filters), replace=replace)

    def _ask(self, filters: dict[str, str]) -> None:
        """Take these filters; if they let others through, the choice of partners is void."""
        if wanted(self.filters) != wanted(filters):
            self._choose([])
        self.filters = filters
        self.filtered = any(filters[name] for name in partner_filters.NAMES)
        self.tag_groups = _tag_groups(filters, self.tags)
        self.tags_asked = sum(len(group.tags) for group in self.tag_groups)

    def _choose(self, chosen: list[int], *, everybody: bool = False) -> None:
        self.chosen, self.all_chosen = chosen, everybody
        self.chosen_number = self.total if everybody else len(chosen)
        self.chosen_words = f"{self.chosen_number:,} chosen"
        self.all_words = f"Choose all {self.total:,} that match"
        here = {row.id for row in self.rows}
        self.page_chosen = everybody or (bool(here) and here <= set(chosen))

    async def _read(self) -> None:
        rows, self.total = await run(_page, self.filters)
        # What has not changed is not sent again.
        if rows != self.rows:
            self.rows = rows
        self.nothing = not rows
        place = query.Place(self.filters, PAGE, len(rows), self.total)
        self.has_previous, self.has_next = place.has_previous, place.has_next
        self.shown = place.shown(people(self.total))
        self._choose(self.chosen, everybody=self.all_chosen)

    def _selection(self) -> Partners:
        """Whom a bulk action is about: the filter, or the partners chosen one by one."""
        return sql.matching(wanted(self.filters)) if self.all_chosen else list(self.chosen)


def tag_options(*, archived: bool | None = False) -> list[Option]:
    """The tags that can be assigned, by name, with how many partners have each.

    With `archived` None, those that are archived too.
    """
    with reading() as session:
        rows = tags_sql.page(session, archived=archived)
    return [Option(str(row.id), row.name, f"{row.partners:,}", row.color) for row in rows]


def _page(filters: Mapping[str, str]) -> tuple[list[PartnerLine], int]:
    sort: Sort = next((one for one in get_args(Sort) if one == filters.get("sort")), "-id")
    offset = (query.page(filters) - 1) * PAGE
    with reading() as session:
        found = sql.page(session, wanted(filters), sort=sort, limit=PAGE, offset=offset)
        last = sql.last_emails(session, [row.id for row in found])
        lines = [_line(row, last.get(row.id)) for row in found]
        return lines, sql.count(session, wanted(filters))


def _known(name: str) -> str:
    if name not in partner_filters.NAMES:
        raise InvalidInput("There is no such filter.")
    return name


def _listed(ids: Sequence[int]) -> str:
    return ",".join(map(str, dict.fromkeys(ids)))


def _tag_groups(filters: Mapping[str, str], tags: Sequence[Option]) -> list[TagGroup]:
    known = {option.value: option for option in tags}
    gone = Option("", "a deleted tag", color="gray")
    groups = []
    for name, words in zip(partner_filters.TAGS, ("Any of", "All of", "None of"), strict=True):
        found = [(one, known.get(str(one), gone)) for one in partner_filters.tag_ids(filters[name])]
        chips = [Chip(tag_id, option.label, option.color) for tag_id, option in found]
        groups.append(TagGroup(name, words, chips))
    return groups


def _line(row: PartnerRow, last: LastEmail | None) -> PartnerLine:
    chips = [Chip(tag.id, tag.name, tag.color) for tag in row.tags]
    return PartnerLine(
        id=row.id,
        name=row.label,
        email=row.email or "",
        company=row.company,
        state=mail_state(row.status, row.consent, row.deliverability, has_address=bool(row.email)),
        added_at=row.created_at.isoformat(),
        tags=chips[:TAGS_SHOWN],
        more_tags=len(chips[TAGS_SHOWN:]),
        last_email=last.email if last else "",
        last_status=last.status if last else "",
        last_at=last.at.isoformat() if last else "",
    )


def mail_state(status: str, consent: str, deliverability: str, *, has_address: bool) -> str:
    """The one word that says most about whether a partner can be reached."""
    if status != PartnerStatus.ACTIVE:
        return str(status)
    if not has_address:
        return "no_address"
    if deliverability != Deliverability.OK:
        return str(deliverability)
    return str(consent)


def _add(form: Mapping[str, str], actor: str) -> int:
    names: Sequence[str] = ("email", "first_name", "last_name", "company", "key")
    data = PartnerInput(**{name: form.get(name, "") for name in names})
    with writing() as session:
        return partners.create(session, data, actor).id
