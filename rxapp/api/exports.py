"""Downloads: what a list shows, as a file that is written while it is read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from rxapp.api.deps import Caller, Filter, needs
from rxapp.db import partners as partner_reads
from rxapp.db import send_log
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, Source
from rxapp.domain import audit, partner_export, send_export, send_filters
from rxapp.domain.partner_filters import wanted
from rxapp.domain.send_filters import SHOWN_AS

router = APIRouter(prefix="/api/v1/exports", tags=["Partners"])

IDS = "Ids, separated by commas."


@router.get(
    "/partners",
    dependencies=[needs(Role.ADMIN)],
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
def export_partners(
    *,
    caller: Caller,
    q: Annotated[Filter, Query(description="Words in name, address, company or key.")] = None,
    ids: Annotated[Filter, Query(description=f"These partners. {IDS}")] = None,
    tag: Annotated[Filter, Query(description=f"Who has any of these tags. {IDS}")] = None,
    all: Annotated[Filter, Query(description=f"Who has all of these tags. {IDS}")] = None,  # noqa: A002 (the address's name)
    none: Annotated[Filter, Query(description=f"Who has none of these tags. {IDS}")] = None,
    status: Filter = None,
    consent: Filter = None,
    mail: Annotated[Filter, Query(description="ok, bounced or complained.")] = None,
) -> Response:
    """Partners as a CSV file, with the filters of the list of partners; audited."""
    asked = {
        "q": q, "ids": ids, "tag": tag, "all": all, "none": none,
        "status": status, "consent": consent, "mail": mail,
    }  # fmt: skip
    filters = wanted({name: value for name, value in asked.items() if value})
    with writing() as session:
        number = partner_reads.count(session, filters)
        audit.record(session, caller.label, "partner", None, "exported", partners=number)
    return _file("partners", partner_export.lines(reading, filters))


@router.get(
    "/sends",
    dependencies=[needs(Role.ADMIN)],
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
)
def export_sends(
    *,
    caller: Caller,
    q: Annotated[Filter, Query(description="Words in the partner's name or address.")] = None,
    status: Annotated[Filter, Query(description=f"One of: {', '.join(SHOWN_AS)}.")] = None,
    automation: Annotated[Filter, Query(description="An id.")] = None,
    email: Annotated[Filter, Query(description="An id.")] = None,
    tag: Annotated[Filter, Query(description="An id.")] = None,
    source: Annotated[Filter, Query(description=f"One of: {', '.join(Source)}.")] = None,
    since: Annotated[Filter, Query(description="Decided then or later.")] = None,
    until: Annotated[Filter, Query(description="Decided before then.")] = None,
) -> Response:
    """Sends as a CSV file, with the filters of the list of sends; audited."""
    asked = {
        "q": q, "status": status, "automation": automation, "email": email, "tag": tag,
        "source": source, "since": since, "until": until,
    }  # fmt: skip
    filters = send_filters.wanted({name: value for name, value in asked.items() if value})
    with writing() as session:
        number = send_log.count(session, filters)
        audit.record(session, caller.label, "send", None, "exported", sends=number)
    return _file("sends", send_export.lines(reading, filters))


def _file(what: str, lines: Iterator[str]) -> Response:
    name = f"{what}-{datetime.now(UTC):%Y-%m-%d}.csv"
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
