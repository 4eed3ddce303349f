"""Reflex's own configuration; everything of the app's is in rxapp/config.py."""

import reflex as rx

from rxapp.config import get_settings
from rxapp.frontend import SameOriginPlugin

THEME = rx.theme(accent_color="indigo", gray_color="slate", radius="medium")

redis_url = get_settings().redis_url

config = rx.Config(
    app_name="rxapp",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # No other site may call us. Reflex's default is every site, with cookies.
    cors_allowed_origins=[],
    # What a tab shows stays in memory (or Redis), never in files beside the code.
    state_manager_mode=rx.constants.StateManagerMode.REDIS
    if redis_url
    else rx.constants.StateManagerMode.MEMORY,
    redis_url=redis_url or None,
    plugins=[rx.plugins.RadixThemesPlugin(theme=THEME), SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
