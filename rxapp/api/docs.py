"""The API's documentation in the browser. Nothing in it is loaded from another site."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.staticfiles import StaticFiles

from rxapp.api.deps import needs, stated_role
from rxapp.db.models import Role

DOCS = "/api/docs"
OPENAPI = "/api/openapi.json"
ASSETS = f"{DOCS}/assets"

ABOUT = """
Everything here needs an API key, sent as `Authorization: Bearer <key>`. Make one in the app under
Settings, or with `rxapp api-key create`. Each call names the role it takes: viewer, editor, admin.

- **Errors** are `application/problem+json` with a stable `code` and a sentence in `detail`.
- **Lists** are `{"data": [...], "next_cursor": ...}`; ask again with `cursor` for the next page.
- **Writes** take an `Idempotency-Key`: the same key and body within 24 hours gives the same answer
  and no second effect; another body is refused with `idempotency_mismatch`.
- **Parameters** that a call does not know are refused, and so is one given twice: a misspelled
  filter would ask for everybody.
- **Names in addresses** are URL-encoded: `/api/v1/partners/email:ada%40example.com`.
"""
# In the order they are shown in.
NOUNS = (
    "Partners",
    "Tags",
    "Assignments",
    "Templates",
    "Images",
    "Automations",
    "Sends",
    "Webhooks",
    "Unsubscribe",
    "Monitoring",
)

router = APIRouter(include_in_schema=False)


@router.get(DOCS, dependencies=[needs(Role.VIEWER)])
async def docs() -> Response:
    """Swagger UI, where every call can be tried out."""
    return get_swagger_ui_html(
        openapi_url=OPENAPI,
        title="rxapp API",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url="data:,",
    )


@router.get(OPENAPI, dependencies=[needs(Role.VIEWER)])
async def openapi(request: Request) -> Response:
    """The description of the API for programs (OpenAPI 3.1)."""
    return JSONResponse(description(request.app))


def description(api: FastAPI) -> dict[str, Any]:
    """What FastAPI knows of the API, and the role each call takes."""
    if api.openapi_schema is None:
        paths = api.openapi()["paths"]
        for route in iter_route_contexts(api.routes):
            if isinstance(route.original_route, APIRoute) and (role := stated_role(route)):
                for method in route.methods or () if route.include_in_schema else ():
                    paths[route.path_format][method.lower()]["description"] += f"\n\nRole: {role}."
    return api.openapi()


def assets() -> StaticFiles:
    """Swagger UI's own files, as the package brings them."""
    return StaticFiles(packages=[("fastapi_offline", "static")])
