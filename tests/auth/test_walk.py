"""The app as it is put together: nothing but the listed routes is open to strangers."""

import pytest

from rxapp.auth.gate import Gate
from rxapp.rxapp import api, app
from tests.auth.walk import open_to_strangers, routes

pytestmark = pytest.mark.usefixtures("database")


def test_nothing_but_the_listed_routes_is_open_to_strangers() -> None:
    # The walk does see what it walks.
    assert {("POST", "/api/v1/partners"), ("GET", "/metrics")} <= set(routes(api))
    assert open_to_strangers(api) == {
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/setup/{token}"),
        ("POST", "/setup/{token}"),
        ("GET", "/join/{token}"),
        ("POST", "/join/{token}"),
        ("GET", "/unsubscribe/{token}"),
        ("POST", "/unsubscribe/{token}"),
        ("GET", "/images/{name}"),
        ("POST", "/webhooks/resend"),
        ("POST", "/webhooks/resend/"),
        ("GET", "/healthz"),
    }


def test_the_gate_is_in_front_of_the_pages_and_the_websocket_as_well() -> None:
    """Reflex applies the list in order, so that the last one is the outermost."""
    assert app.api_transformer == [api, Gate]
