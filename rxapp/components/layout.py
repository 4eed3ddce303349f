"""The frame around every page: navigation, who is signed in, and whether emails really leave."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode
from reflex_components_core.core.banner import has_connection_errors  # type: ignore[import-untyped]

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import Reconnect, Tick
from rxapp.components.finder import finder, finder_button, finder_icon
from rxapp.components.links import RouterLink
from rxapp.state.base import AppState
from rxapp.state.notices import Notice


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; `route` is also the section a page says it belongs to."""

    label: str
    route: str
    icon: str


NAVIGATION = (
    Entry("Home", routes.HOME, "house"),
    Entry("Partners", routes.PARTNERS, "users"),
    Entry("Tags", routes.TAGS, "tags"),
    Entry("Emails", routes.EMAILS, "mail"),
    Entry("Automations", routes.AUTOMATIONS, "workflow"),
    Entry("Sends", routes.SENDS, "send"),
    Entry("Settings", routes.SETTINGS, "settings"),
)


def page(
    route: str, title: str, *, section: str = "", on_load: Any = ()
) -> Callable[[Callable[[], rx.Component]], Callable[[], rx.Component]]:
    """Serve a function's content at `route`, inside the frame.

    `section` is the navigation's route that is marked as current, by default `route` itself.
    `on_load` (a handler or a list of them) runs after `AppState.enter`, each time it is opened.
    """
    loads = on_load if isinstance(on_load, (list, tuple)) else [on_load]

    def decorate(content: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
        @functools.wraps(content)
        def framed() -> rx.Component:
            return frame(content(), section or route)

        return rx.page(route=route, title=f"{title} · rxapp", on_load=[AppState.enter, *loads])(
            framed
        )

    return decorate


def frame(content: rx.Component, section: str) -> rx.Component:
    """`content` with navigation beside it, or on a phone above it."""
    return rx.box(
        rx.el.a(
            "Skip to content",
            href="#main",
            # Followed as a link, Reflex's router would load the page again and drop the focus.
            on_click=rx.call_script("document.getElementById('main').focus()").prevent_default,
            class_name="skip-link",
        ),
        rx.el.header(
            _menu_drawer(section),
            _brand(),
            rx.spacer(),
            finder_icon(),
            mode_badge(),
            class_name="topbar",
        ),
        rx.el.aside(
            _brand(),
            finder_button(),
            _navigation(section),
            rx.spacer(),
            rx.flex(mode_badge(), _account(), class_name="side-foot"),
            class_name="side",
        ),
        rx.el.main(_notices(), content, id="main", tab_index=-1, class_name="main"),
        finder(),
        _connection_lost(),
        RouteFocus.create(),
        Tick.create(every=10, on_tick=AppState.stay_current),
        Reconnect.create(person=AppState.user_email, on_life=AppState.stay_current),
        class_name="frame",
    )


def mode_badge() -> rx.Component:
    """Whether emails leave for real, in a word, with a sentence on hover."""
    return rx.match(
        AppState.mode,
        (
            "sandbox",
            rx.tooltip(
                rx.badge(rx.icon("flask-conical", size=12), "Sandbox", color_scheme="amber"),
                content="No email leaves. Each one is kept and can be read under Sends.",
            ),
        ),
        (
            "live",
            rx.tooltip(
                rx.badge(rx.icon("radio", size=12), "Live", color_scheme="green"),
                content="Emails are sent to partners for real.",
            ),
        ),
        rx.fragment(),
    )


def _brand() -> rx.Component:
    return rx.link(
        rx.el.span(rx.icon("tag", size=16, aria_hidden=True), class_name="brand-mark"),
        rx.text(AppState.program, as_="span", truncate=True),
        href=routes.HOME,
        underline="none",
        class_name="brand",
    )


def _navigation(
    section: str, wrap: Callable[[rx.Component], rx.Component] | None = None
) -> rx.Component:
    entries = (_nav_link(entry, entry.route == section) for entry in NAVIGATION)
    return rx.el.nav(
        *(wrap(link) if wrap else link for link in entries), aria_label="Main", class_name="nav"
    )


def _nav_link(entry: Entry, current: bool) -> rx.Component:
    return rx.link(
        rx.icon(entry.icon, size=17, aria_hidden=True),
        entry.label,
        href=entry.route,
        underline="none",
        class_name="nav-link",
        custom_attrs={"aria-current": "page"} if current else {},
    )


def _menu_drawer(section: str) -> rx.Component:
    """The navigation of a phone."""
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.icon_button(
                rx.icon("menu", size=18),
                variant="soft",
                color_scheme="gray",
                aria_label="Open menu",
            )
        ),
        rx.dialog.content(
            rx.flex(
                rx.dialog.title(AppState.program, size="3", margin="0"),
                rx.dialog.close(
                    rx.icon_button(
                        rx.icon("x", size=18),
                        variant="ghost",
                        color_scheme="gray",
                        aria_label="Close menu",
                    )
                ),
                justify="between",
                align="center",
            ),
            _navigation(section, wrap=rx.dialog.close),
            rx.spacer(),
            _account_panel(),
            class_name="drawer",
            aria_describedby="",
        ),
    )


def _account() -> rx.Component:
    return rx.popover.root(
        rx.popover.trigger(
            rx.button(
                rx.avatar(fallback=AppState.initials, size="1", radius="full"),
                rx.text(AppState.user_name, as_="span", truncate=True),
                rx.icon("chevrons-up-down", size=14),
                variant="ghost",
                color_scheme="gray",
                aria_label="Your account",
                class_name="account",
            )
        ),
        rx.popover.content(
            _account_panel(),
            aria_label="Your account",
            size="1",
            width="248px",
            side="top",
            align="start",
        ),
    )


def _account_panel() -> rx.Component:
    return rx.flex(
        rx.box(
            rx.text(AppState.user_name, size="2", weight="medium", truncate=True),
            rx.text(AppState.user_email, size="1", color_scheme="gray", truncate=True),
            rx.text("Signed in as ", AppState.role, size="1", color_scheme="gray"),
        ),
        rx.segmented_control.root(
            rx.segmented_control.item("Light", value="light"),
            rx.segmented_control.item("Dark", value="dark"),
            rx.segmented_control.item("System", value="system"),
            value=color_mode,
            on_change=set_color_mode,
            size="1",
            aria_label="Colours",
        ),
        rx.link("Your account", href=routes.ACCOUNT, size="2"),
        _sign_out(),
        direction="column",
        spacing="3",
    )


class RouteFocus(rx.Component):
    """Puts the focus into a page that was just turned to."""

    library = "$/public/route.jsx"
    tag = "RouteFocus"


class PostForm(rx.Component):
    """A form the browser itself sends; `rx.el.form` always keeps that from happening."""

    tag = "form"
    _is_tag_in_global_scope = True
    method: rx.Var[str]
    action: rx.Var[str]


def _sign_out() -> rx.Component:
    return PostForm.create(
        rx.el.input(type="hidden", name="csrf", value=AppState.csrf, read_only=True),
        rx.button(
            rx.icon("log-out", size=15),
            "Sign out",
            type="submit",
            variant="soft",
            color_scheme="gray",
            width="100%",
            # The next person in this tab must not find what was open; see state.say.start_over.
            on_click=rx.call_script("sessionStorage.removeItem('token')"),
        ),
        method="post",
        action=routes.LOGOUT,
    )


def _notices() -> rx.Component:
    """What concerns the whole program: sending is paused, the provider refused the key, ..."""
    return rx.box(rx.foreach(AppState.notices, _notice), class_name="notices", role="status")


def _notice(notice: Notice) -> rx.Component:
    way = rx.cond(
        AppState.is_admin & (notice.way != ""),
        RouterLink.create(notice.way, to=notice.href, class_name="notice-way"),
    )
    return ui.callout(rx.fragment(notice.text, " ", way), "triangle-alert", "amber", "presentation")


def _connection_lost() -> rx.Component:
    """Said while the server cannot be reached; Reflex tries again, and the page goes on."""
    words = rx.flex(
        rx.icon("wifi-off", size=16, aria_hidden=True),
        rx.text(
            "No connection. What you see may be out of date; it is tried again by itself.",
            size="2",
        ),
        class_name="connection-lost",
    )
    return rx.box(rx.cond(has_connection_errors, words), role="status")
