"""Settings, the keys of the REST API."""

import reflex as rx

from rxapp import routes
from rxapp.components.api_keys import api_keys
from rxapp.components.settings_frame import settings_page
from rxapp.state.settings_keys import KeysState


@settings_page(routes.API_KEYS, "API keys", on_load=KeysState.load)
def settings_keys() -> rx.Component:
    """The keys, and a way to make and to end one."""
    return api_keys()
