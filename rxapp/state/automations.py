"""The list of automations, each as a sentence with a switch and what it came to lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from reflex.event import Event

from rxapp import routes
from rxapp.db import automation_log
from rxapp.db import automations as sql
from rxapp.db import tags as tag_reads
from rxapp.db import templates as template_reads
from rxapp.db.automation_log import Recent
from rxapp.db.automations import ActionView, AutomationFilter, AutomationView, Sort
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import automation_words, automations
from rxapp.state import query, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import counted
from rxapp.state.options import Option

PAGE = 25
FILTERS = ("q", "tag", "email", "state", "sort", "page")
NARROWING = ("q", "tag", "email", "state")
# What "lately" means, in the list and on an automation's page.
LATELY = timedelta(days=30)


@dataclass
class StepWords:
    """A step in words ("after 2 days send"), and what it is done to."""

    words: str
    target: str
    email: bool
    href: str


@dataclass
class AutomationRow:
    """An automation as the list shows it."""

    id: int = 0
    name: str = ""
    # Empty where the sentence is all there is to say.
    title: str = ""
    tag: str = ""
    color: str = "gray"
    steps: list[StepWords] = field(default_factory=list)
    enabled: bool = False
    fired: str = ""
    # Of the emails decided in the last 30 days.
    sent: str = "0"
    skipped: str = "0"
    failed: int = 0
    # Empty where there are none.
    unknown: str = ""
    captured: str = ""


class AutomationsState(AppState):
    """One page of the automations the address asks for."""

    rows: list[AutomationRow] = []
    loading: bool = True
    # There is none at all, whatever is asked for.
    nothing: bool = False
    filters: dict[str, str] = {}
    filtered: bool = False
    shown: str = ""
    has_previous: bool = False
    has_next: bool = False
    tags: list[Option] = []
    emails: list[Option] = []

    @handler("viewer")
    async def load(self) -> None:
        """Read the page the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        self.filters = {name: asked.get(name, "") for name in FILTERS}
        self.filtered = any(self.filters[name] for name in NARROWING)
        self.tags, self.emails = await run(_options)
        await self._read()
        self.loading = False

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has changed meanwhile."""
        if not self.loading:
            await self._read()

    @handler("viewer")
    async def search(self, text: str) -> Event:
        """Keep the automations that are called like this, or whose tags or emails are."""
        return say.go(self._address(q=text.strip(), page=""), replace=True)

    @handler("viewer")
    async def narrow(self, name: str, value: str) -> Event:
        """Set one filter or the order, or take it away with an empty value."""
        return say.go(self._address(**{name: value, "page": ""}), replace=True)

    @handler("viewer")
    async def clear(self) -> Event:
        """Take all filters away."""
        return say.go(routes.AUTOMATIONS, replace=True)

    @handler("viewer")
    async def turn(self, step: int) -> Event:
        """Turn so many pages on."""
        return say.go(self._address(page=query.turned(self.filters, step)))

    @handler("admin")
    async def duplicate(self, number: int) -> Event:
        """Make a copy, switched off, and open it to be changed."""
        copy = await run(_duplicate, number, current_user().label)
        return say.go(routes.edit_automation(copy))

    def _address(self, **changes: str) -> str:
        return query.address(routes.AUTOMATIONS, {**self.filters, **changes})

    async def _read(self) -> None:
        self.rows, total = await run(_read, self.filters)
        self.nothing = not total and not self.filtered
        place = query.Place(self.filters, PAGE, len(self.rows), total)
        self.has_previous, self.has_next = place.has_previous, place.has_next
        self.shown = place.shown(counted(total, "automation"))


def wanted(filters: Mapping[str, str]) -> AutomationFilter:
    """The filter an address asks for."""
    state = filters.get("state", "")
    return AutomationFilter(
        q=filters.get("q", ""),
        tag_id=query.number(filters, "tag"),
        template_id=query.number(filters, "email"),
        enabled=state == "on" if state in ("on", "off") else None,
    )


def _options() -> tuple[list[Option], list[Option]]:
    """The tags and emails the list can be kept to."""
    with reading() as session:
        tags = tag_reads.choices(session)
        emails = template_reads.page(session, archived=None)
    return (
        [Option(str(tag.id), tag.name, "", tag.color) for tag in tags],
        [Option(str(email.id), email.name) for email in emails],
    )


def _read(filters: Mapping[str, str]) -> tuple[list[AutomationRow], int]:
    sort: Sort = next((one for one in get_args(Sort) if one == filters.get("sort")), "")
    offset = (query.page(filters) - 1) * PAGE
    with reading() as session:
        views = sql.listed(session, wanted(filters), sort=sort, limit=PAGE, offset=offset)
        total = sql.count(session, wanted(filters))
        ids = [view.id for view in views]
        fired = {id_: at.isoformat() for id_, at in sql.last_fired(session, ids).items()}
        recent = automation_log.recent(session, ids, utcnow() - LATELY)
    return [_row(view, fired.get(view.id, ""), recent[view.id]) for view in views], total


def _row(view: AutomationView, fired: str, recent: Recent) -> AutomationRow:
    return AutomationRow(
        id=view.id,
        name=view.name,
        title=automation_words.title(view),
        tag=view.tag,
        color=view.color,
        steps=[step_words(step) for step in view.actions],
        enabled=view.enabled,
        fired=fired,
        sent=f"{recent.sent:,}",
        skipped=f"{recent.skipped:,}",
        failed=recent.failed,
        unknown=f"{recent.unknown:,}" if recent.unknown else "",
        captured=f"{recent.captured:,}" if recent.captured else "",
    )


def step_words(step: ActionView) -> StepWords:
    """A step as the list shows it: what it does, and to what, with the way there."""
    words, _, target = automation_words.step_sentence(step).partition("*")
    email = step.template_id is not None
    href = routes.email(step.template_id) if email else routes.TAGS
    return StepWords(words.strip(), target.removesuffix("*"), email, href)


def _duplicate(number: int, actor: str) -> int:
    with writing() as session:
        return automations.duplicate(session, number, actor).id
