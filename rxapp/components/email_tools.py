"""What can be done with an email beside writing it: send a test, look at its versions."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.custom import EmailFrame, LiveForm
from rxapp.components.vars import length, negated
from rxapp.state.base import AppState
from rxapp.state.email import EmailState
from rxapp.state.email_trials import TestLine
from rxapp.state.email_versions import VersionLine


def test_dialog(form: str) -> rx.Component:
    """Asks where to send a test of what is in the form `form`, and tells what became of it."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Send a test", size="4"),
            rx.dialog.description(
                "The email as the preview shows it, for the same partner, with “[Test]” before the "
                "subject. It is kept out of the history, and its unsubscribe link unsubscribes "
                "nobody.",
                size="2",
                margin_bottom="var(--space-4)",
            ),
            LiveForm.create(
                rx.flex(
                    ui.field(
                        "To",
                        "to",
                        rx.input(
                            name="to", id="to", type="text", default_value=AppState.user_email
                        ),
                        hint=f"Up to ten addresses, separated by commas. You can send "
                        f"{EmailState.tests_left} more test emails within the hour.",
                    ),
                    rx.cond(length(EmailState.tests) > 0, _test_results()),
                    dialogs.buttons(
                        rx.button(
                            rx.cond(length(EmailState.tests) > 0, "Send again", "Send test"),
                            type="submit",
                        ),
                        leave="Close",
                    ),
                    direction="column",
                    spacing="4",
                ),
                id="test-form",
                along=form,
                on_send=EmailState.send_test,
            ),
            max_width="460px",
        ),
        open=EmailState.testing,
        on_open_change=EmailState.set_testing,
    )


def _test_results() -> rx.Component:
    """One line for each address."""
    return rx.el.ul(
        rx.foreach(EmailState.tests, _test_result),
        class_name="test-results",
        aria_label="What became of the test",
        aria_live="polite",
    )


def _test_result(line: TestLine) -> rx.Component:
    return rx.el.li(
        rx.match(
            line.status,
            ("sent", rx.icon("circle-check", size=15, color="var(--green-10)", aria_hidden=True)),
            ("captured", rx.icon("inbox", size=15, color="var(--amber-10)", aria_hidden=True)),
            ("refused", rx.icon("circle-x", size=15, color="var(--red-10)", aria_hidden=True)),
            rx.icon("clock", size=15, color="var(--gray-10)", aria_hidden=True),
        ),
        rx.text(line.address, size="2", class_name="breakable"),
        rx.text(line.words, size="2", color_scheme="gray"),
    )


def history_sheet() -> rx.Component:
    """Every version there was, to look at and to restore."""
    return rx.dialog.root(
        rx.dialog.content(
            dialogs.head("Versions"),
            rx.text(
                "Each save is a version of its own. Emails that wait keep the one they were "
                "decided with.",
                size="2",
                color_scheme="gray",
            ),
            rx.el.ol(rx.foreach(EmailState.history, _version), class_name="versions"),
            class_name="side-sheet narrow",
            aria_describedby="",
        ),
        open=EmailState.history_open,
        on_open_change=EmailState.set_history_open,
    )


def _version(one: VersionLine) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.flex(
                rx.text("Version ", one.number, size="2", weight="medium"),
                rx.cond(one.current, rx.badge("newest", color_scheme="green")),
                spacing="2",
                align="center",
            ),
            rx.text(one.subject, size="2", class_name="truncate"),
            rx.text(one.author, ", ", ui.when(one.at), size="1", color_scheme="gray"),
            rx.cond(one.waiting != "", rx.text(one.waiting, size="1", color_scheme="blue")),
            min_width="0",
        ),
        rx.flex(
            rx.button(
                "View",
                size="1",
                variant="soft",
                color_scheme="gray",
                on_click=EmailState.view(one.number),
            ),
            rx.cond(
                negated(one.current),
                rx.button(
                    "Compare",
                    size="1",
                    variant="soft",
                    color_scheme="gray",
                    on_click=EmailState.compare(one.number),
                ),
            ),
            rx.cond(
                AppState.can_edit & negated(one.current),
                rx.button(
                    "Restore", size="1", variant="soft", on_click=EmailState.restore(one.number)
                ),
            ),
            spacing="2",
        ),
    )


def comparison() -> rx.Component:
    """An old version beside the newest, each as it would be sent."""
    return rx.dialog.root(
        rx.dialog.content(
            dialogs.head("Compare versions"),
            rx.grid(
                _as_sent("Version ", EmailState.compared),
                _as_sent("Newest: version ", EmailState.version),
                columns=rx.breakpoints(initial="1", sm="2"),
                spacing="4",
            ),
            max_width="1280px",
            aria_describedby="",
        ),
        open=EmailState.compared > 0,
        on_open_change=EmailState.compare(0),
    )


def clash() -> rx.Component:
    """Asks which is to be the newest, when somebody else saved while this was written."""
    clash = EmailState.clash
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Somebody else saved this email", size="4"),
            rx.dialog.description(
                f"{clash.author} saved version {clash.version} while you wrote. Yours is not "
                "saved yet. Whichever you choose, theirs stays under Versions.",
                size="2",
                margin_bottom="var(--space-4)",
            ),
            rx.grid(
                _as_sent("Theirs: version ", clash.version, clash.subject),
                rx.box(
                    _over(clash.my_subject, "Yours, not saved yet"),
                    EmailFrame.create(
                        html=clash.mine, title="Yours", width="100%", height="var(--compared)"
                    ),
                ),
                columns=rx.breakpoints(initial="1", sm="2"),
                spacing="4",
                margin_bottom="var(--space-4)",
            ),
            dialogs.buttons(
                rx.button(
                    "Discard mine",
                    variant="soft",
                    color_scheme="red",
                    on_click=EmailState.take_theirs,
                ),
                rx.button("Save mine as the newest", on_click=EmailState.save_over),
                leave="Go on writing",
            ),
            max_width="1280px",
        ),
        open=clash.version > 0,
        on_open_change=EmailState.set_clashing,
    )


def _as_sent(words: str, version: Any, subject: ui.Text = "") -> rx.Component:
    source = f"emails/{EmailState.number}?version={version}&who={EmailState.partner}"
    return rx.box(
        _over(subject, words, version),
        EmailFrame.create(
            src=source, title=f"{words}{version}", width="100%", height="var(--compared)"
        ),
    )


def _over(subject: ui.Text, *words: Any) -> rx.Component:
    """What stands over one of two emails: which it is, and its subject."""
    return rx.box(
        rx.text(*words, size="2", weight="medium"),
        rx.cond(
            subject != "",
            rx.text("Subject: ", subject, size="2", color_scheme="gray", class_name="truncate"),
        ),
        margin_bottom="var(--space-2)",
    )
