"""Downloads: what a list shows, as a file that is written while it is read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator

from rxapp.api.deps import EMPTY_IS_NONE, Caller, Filter, Moment, needs
from rxapp.api.schemas.base import RowNumber
from rxapp.db import partners as partner_reads
from rxapp.db import send_log
from rxapp.db.engine import reading, writing
from rxapp.db.models import Consent, Deliverability, PartnerStatus, Role, Source
from rxapp.domain import audit, partner_export, send_export, send_filters
from rxapp.domain.partner_filters import wanted
from rxapp.domain.send_filters import SHOWN_AS
from rxapp.domain.text import as_id

router = APIRouter(prefix="/api/v1/exports", tags=["Partners"])

IDS = "Ids, separated by commas."


def _ids(listed: str | None) -> str | None:
    # What the pages' addresses may get wrong would here be a file with everybody in it.
    if any(as_id(part) is None for part in (listed or "1").split(",")):
        raise ValueError("these must be ids, separated by commas")
    return listed


def _shown_as(word: str | None) -> str | None:
    if word is not None and word not in SHOWN_AS:
        raise ValueError(f"this must be one of: {', '.join(SHOWN_AS)}")
    return word


Ids = Annotated[Filter, AfterValidator(_ids)]
ById = Annotated[RowNumber | None, EMPTY_IS_NONE]


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
    ids: Annotated[Ids, Query(description=f"These partners. {IDS}")] = None,
    tag: Annotated[Ids, Query(description=f"Who has any of these tags. {IDS}")] = None,
    all: Annotated[Ids, Query(description=f"Who has all of these tags. {IDS}")] = None,  # noqa: A002 (the address's name)
    none: Annotated[Ids, Query(description=f"Who has none of these tags. {IDS}")] = None,
    status: Annotated[PartnerStatus | None, EMPTY_IS_NONE] = None,
    consent: Annotated[Consent | None, EMPTY_IS_NONE] = None,
    mail: Annotated[Deliverability | None, EMPTY_IS_NONE] = None,
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
    status: Annotated[
        Filter,
        AfterValidator(_shown_as),
        Query(description=f"One of: {', '.join(SHOWN_AS)}."),
    ] = None,
    automation: ById = None,
    email: ById = None,
    tag: ById = None,
    source: Annotated[Source | None, EMPTY_IS_NONE] = None,
    since: Annotated[
        Moment | None, EMPTY_IS_NONE, Query(description="Decided then or later.")
    ] = None,
    until: Annotated[
        Moment | None, EMPTY_IS_NONE, Query(description="Decided before then.")
    ] = None,
) -> Response:
    """Sends as a CSV file, with the filters of the list of sends; audited."""
    asked = {
        "q": q, "status": status, "automation": automation, "email": email, "tag": tag,
        "source": source, "since": since, "until": until,
    }  # fmt: skip
    filters = send_filters.wanted({name: str(value) for name, value in asked.items() if value})
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
