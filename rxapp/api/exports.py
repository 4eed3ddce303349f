"""Downloads: what a list shows, as a file that is written while it is read."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from rxapp.api.deps import Caller, Filter, needs
from rxapp.db import partners as partner_reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role
from rxapp.domain import audit, partner_export
from rxapp.domain.partner_filters import wanted

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
    name = f"partners-{datetime.now(UTC):%Y-%m-%d}.csv"
    return StreamingResponse(
        partner_export.lines(reading, filters),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
