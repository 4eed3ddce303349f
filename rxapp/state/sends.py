"""The history: every email decided, filtered by what stands in the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reflex.event import Event

from rxapp import routes
from rxapp.db import decisions, send_log
from rxapp.db.engine import reading
from rxapp.db.models import SendStatus
from rxapp.db.send_log import SendRow
from rxapp.db.types import utcnow
from rxapp.domain import send_filters
from rxapp.domain.leaving import Leaving, leaving
from rxapp.state import query, say, why
from rxapp.state.base import AppState, handler, run
from rxapp.state.options import Option

PAGE = 50
# Counting further would take longer than anybody cares for the exact number.
COUNTED = 10_000


@dataclass
class SendLine:
    """A send as the table shows it; moments are ISO 8601."""

    id: int
    status: str
    partner_id: int
    partner: str
    address: str
    email: str
    subject: str
    tag: str
    automation: str
    at: str
    # When it leaves, while that is still to come.
    due: str
    why: str
    again: bool


class SendsState(AppState):
    """One page of the history, newest first."""

    rows: list[SendLine] = []
    loading: bool = True
    total: str = ""
    filters: dict[str, str] = {}
    filtered: bool = False
    newer: bool = False
    older: bool = False
    automations: list[Option] = []
    emails: list[Option] = []
    tags: list[Option] = []

    @handler("viewer")
    async def load(self) -> None:
        """Read the page the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        self.filters = {name: asked.get(name, "") for name in send_filters.NAMES}
        self.filtered = any(self.filters.values())
        self.automations, self.emails, self.tags = await run(_choices)
        self.total = await run(_total, asked)
        await self._read()
        self.loading = False

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has changed meanwhile."""
        await self._read()

    @handler("viewer")
    async def narrow(self, name: str, value: str) -> Event:
        """Set one filter, or take it away with an empty value."""
        return say.go(self._address(**{name: value}), replace=True)

    @handler("viewer")
    async def search(self, text: str) -> Event:
        """Keep the sends to partners who are called like this."""
        return say.go(self._address(q=text.strip()), replace=True)

    @handler("viewer")
    async def clear(self) -> Event:
        """Take all filters away."""
        return say.go(routes.SENDS)

    @handler("admin")
    async def export(self) -> list[Event]:
        """Download what the filters let through, on whatever page, as a CSV file."""
        return [
            say.download(query.address(routes.EXPORT_SENDS, self.filters)),
            say.success(f"Downloading {self.total[:1].lower()}{self.total[1:]} as a CSV file."),
        ]

    @handler("viewer")
    async def show_older(self) -> Event:
        """Turn to the page with older sends."""
        last = self.rows[-1].id if self.rows else ""
        return say.go(self._address(before=str(last)))

    @handler("viewer")
    async def show_newer(self) -> Event:
        """Turn to the page with newer sends."""
        first = self.rows[0].id if self.rows else ""
        return say.go(self._address(after=str(first)))

    def _address(self, **changes: str) -> str:
        return query.address(routes.SENDS, {**self.filters, **changes})

    async def _read(self) -> None:
        found = await run(_page, query.asked(self.router.url.query_parameters))
        if found[0] != self.rows:
            self.rows = found[0]
        self.newer, self.older = found[1:]


def _page(asked: Mapping[str, str]) -> tuple[list[SendLine], bool, bool]:
    """The page asked for, and whether there are newer and older sends."""
    wanted = send_filters.wanted(asked)
    before, after = query.number(asked, "before"), query.number(asked, "after")
    with reading() as session:
        way = leaving(session)
        if after is None:
            rows = send_log.page(session, wanted, before=before, limit=PAGE + 1)
            return [_line(row, way) for row in rows[:PAGE]], before is not None, len(rows) > PAGE
        rows = send_log.page_before(session, wanted, after=after, limit=PAGE + 1)
        if len(rows) <= PAGE:
            # The newest page is always a full one.
            rows = send_log.page(session, wanted, limit=PAGE + 1)
            return [_line(row, way) for row in rows[:PAGE]], False, len(rows) > PAGE
        return [_line(row, way) for row in rows[-PAGE:]], True, True


def _total(asked: Mapping[str, str]) -> str:
    with reading() as session:
        number = send_log.count(session, send_filters.wanted(asked), at_most=COUNTED + 1)
    if number > COUNTED:
        return f"More than {COUNTED:,} emails"
    return "1 email" if number == 1 else f"{number:,} emails"


def _choices() -> tuple[list[Option], list[Option], list[Option]]:
    """Every automation, email and tag there ever was: the history names them all."""
    with reading() as session:
        named = (
            decisions.automation_names(session),
            decisions.template_names(session),
            decisions.tag_names(session),
        )
    automations, emails, tags = (
        [Option(str(id_), name) for id_, name in sorted(one.items(), key=lambda item: item[1])]
        for one in named
    )
    return automations, emails, tags


def _line(row: SendRow, way: Leaving) -> SendLine:
    ahead = row.status == SendStatus.QUEUED and row.due_at > utcnow()
    waits = ahead and not row.why_not
    return SendLine(
        id=row.id,
        status=row.status,
        partner_id=row.partner_id,
        partner=f"{row.first_name} {row.last_name}".strip(),
        address=row.recipient or row.email or "",
        email=row.template,
        subject=row.subject,
        tag=row.tag,
        automation=row.automation,
        at=row.status_at.isoformat(),
        due=row.due_at.isoformat() if waits else "",
        why=why.stands(row, way),
        again=row.resend_of is not None,
    )
