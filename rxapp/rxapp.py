"""Composition root: pages, sign-in, API and gate become one ASGI application."""

import reflex as rx

from rxapp.api.app import create_api
from rxapp.auth import pages as auth_pages
from rxapp.auth.gate import Gate
from rxapp.pages import home  # noqa: F401  (importing a page registers it)

api = create_api()
api.include_router(auth_pages.router)

app = rx.App(
    # In this order: what the API does not route is a page, and the gate is in front of both.
    api_transformer=[api, Gate],
    stylesheets=["/shell.css"],
    head_components=[rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml")],
    toaster=rx.toast.provider(position="bottom-right", rich_colors=True, close_button=True),
)
