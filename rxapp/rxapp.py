"""Composition root: pages, sign-in, API, gate and worker become one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx

from rxapp.api.app import create_api
from rxapp.auth import join
from rxapp.auth import pages as auth_pages
from rxapp.auth.gate import Gate
from rxapp.config import get_settings
from rxapp.dispatch.runner import Runner
from rxapp.pages import (  # noqa: F401  (importing a page registers it)
    account,
    automation,
    automation_builder,
    automations,
    email,
    emails,
    home,
    not_found,
    partner,
    partner_import,
    partners,
    sends,
    settings,
    settings_audit,
    settings_delivery,
    settings_keys,
    settings_people,
    settings_system,
    tags,
)
from rxapp.state import brought
from rxapp.state.reconnect import Reconnect

api = create_api()
api.include_router(auth_pages.router)
api.include_router(join.router)

app = rx.App(
    # In this order: what the API does not route is a page, and the gate is in front of both.
    api_transformer=[api, Gate],
    stylesheets=[
        "/shell.css",
        "/pages.css",
        "/partners.css",
        "/automations.css",
        "/emails.css",
        "/settings.css",
        "/visual.css",
    ],
    head_components=[rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml")],
    toaster=rx.toast.provider(position="bottom-right", rich_colors=True, close_button=True),
    frontend_exception_handler=brought.report,
    backend_exception_handler=brought.failed,
)
# Before Reflex's own: what these events carry is anybody's.
app.add_middleware(brought.Bounds(), index=0)
# The frame says calmly that the connection is lost; Reflex's own words name addresses and errors.
app.app_wraps.pop((5, "Overlay"))
app.add_middleware(Reconnect())


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    """The web process's own worker, for as long as it serves."""
    if get_settings().rxapp_worker == "off":
        yield
        return
    runner = Runner(get_settings())
    runner.start()
    try:
        yield
    finally:
        await asyncio.to_thread(runner.stop)


app.register_lifespan_task(working)
