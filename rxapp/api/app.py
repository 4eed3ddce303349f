"""The REST API as one FastAPI application."""

from collections.abc import Iterator
from importlib.metadata import version

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from rxapp.api import (
    assignments,
    automations,
    docs,
    exports,
    health,
    images,
    partners,
    problems,
    queries,
    sends,
    studio,
    tags,
    templates,
    unsubscribe,
    webhooks,
)
from rxapp.api.addresses import EncodedSlashes

ROUTERS = (
    # Before partners and tags, whose names may have slashes in them.
    assignments.router,
    exports.router,
    partners.router,
    tags.router,
    templates.router,
    images.router,
    automations.router,
    sends.router,
    studio.router,
    webhooks.router,
    unsubscribe.router,
    health.router,
    docs.router,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def create_api() -> FastAPI:
    """The API. What it does not route is answered by whatever is mounted below it."""
    api = FastAPI(
        title="rxapp",
        version=version("rxapp"),
        description=docs.ABOUT,
        openapi_url=None,
        openapi_tags=[{"name": noun} for noun in docs.NOUNS],
        responses={"default": problems.DOCUMENTED},
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        api.include_router(
            router,
            dependencies=[Depends(queries.only_known)],
            max_body_size=problems.MAX_BODY_BYTES,
        )
    api.mount(docs.ASSETS, docs.assets())
    for path in ("/api", "/api/{rest:rest}"):
        api.add_route(path, _no_such_route, list(METHODS), include_in_schema=False)
    problems.install(api)
    api.add_middleware(EncodedSlashes)
    return api


async def _no_such_route(request: Request) -> Response:
    """Answer for what begins like an address of the API and is none, or not with this method.

    Without this, the pages mounted below would answer a program with HTML.
    """
    if allowed := sorted(set(_methods(request))):
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    raise HTTPException(404)


def _methods(request: Request) -> Iterator[str]:
    for route in iter_route_contexts(request.app.routes):
        if route.endpoint is not _no_such_route and route.path_regex.match(request.url.path):
            yield from route.methods or ()
