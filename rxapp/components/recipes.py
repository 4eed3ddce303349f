"""The recipe gallery, and the dialog that makes one."""

import reflex as rx

from rxapp.components import dialogs, tag, ui
from rxapp.components.custom import EmailFrame, Picker
from rxapp.state.recipes import RecipeCard, RecipesState


def cards() -> rx.Component:
    """Every recipe as a card to press."""
    return rx.box(rx.foreach(RecipesState.cards, _card), class_name="recipes")


def _card(card: RecipeCard) -> rx.Component:
    return rx.el.button(
        rx.text(card.title, size="3", weight="medium"),
        rx.text(card.about, size="2", color_scheme="gray"),
        rx.text(
            "When ",
            tag.chip(card.tag, card.color),
            " is assigned → send ",
            rx.text.span(card.email, weight="medium"),
            size="2",
            class_name="sentence",
            margin_top="auto",
        ),
        type="button",
        on_click=RecipesState.open(card.slug),
        custom_attrs={"aria-haspopup": "dialog", "aria-label": f"Recipe: {card.title}"},
        class_name="recipe choice card-choice",
    )


def gallery() -> rx.Component:
    """The recipes over the list, and the one that is looked at."""
    return rx.fragment(
        rx.dialog.root(
            rx.dialog.content(
                rx.dialog.title("Recipes", size="5"),
                rx.dialog.description(
                    "Each makes a tag, an email and the automation that joins them. "
                    "You see the email before anything is made.",
                    size="2",
                    color_scheme="gray",
                    margin_bottom="var(--space-4)",
                ),
                cards(),
                rx.box(
                    dialogs.buttons(leave="Close"),
                    margin_top="var(--space-4)",
                ),
                max_width="860px",
            ),
            open=RecipesState.gallery,
            on_open_change=RecipesState.set_gallery,
        ),
        _dialog(),
    )


def _dialog() -> rx.Component:
    recipe = RecipesState.recipe
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(recipe.title, size="5"),
            rx.dialog.description(recipe.about, size="2", color_scheme="gray"),
            rx.box(_what(), _email(), class_name="recipe-dialog"),
            max_width="940px",
        ),
        open=RecipesState.opened,
        on_open_change=RecipesState.set_opened,
    )


def _what() -> rx.Component:
    return rx.flex(
        ui.field(
            "When this tag is assigned",
            "recipe_tag",
            Picker.create(
                id="recipe_tag",
                options=RecipesState.tags,
                value=RecipesState.tag,
                placeholder="Choose the tag",
                create_label="Create tag",
                on_pick=RecipesState.pick_tag,
                on_create=RecipesState.new_tag,
            ),
        ),
        rx.box(
            rx.text("Then send this email", class_name="field-label"),
            rx.text(RecipesState.recipe.email, size="2"),
        ),
        rx.box(
            rx.el.ul(
                rx.foreach(
                    RecipesState.notes,
                    lambda note: rx.el.li(
                        rx.icon("check", size=15, color="var(--green-10)", aria_hidden=True),
                        rx.text(note, size="2"),
                    ),
                ),
                class_name="consequences",
            ),
            role="status",
        ),
        ui.error_callout(RecipesState.taken),
        rx.spacer(),
        dialogs.buttons(
            rx.button("Use recipe", on_click=RecipesState.use, disabled=RecipesState.taken != "")
        ),
        direction="column",
        spacing="4",
        min_width="0",
    )


def _email() -> rx.Component:
    return rx.box(
        rx.text(
            rx.text.span("Subject: ", color_scheme="gray"),
            RecipesState.shown.subject,
            size="2",
            margin_bottom="var(--space-2)",
        ),
        rx.box(
            EmailFrame.create(
                html=RecipesState.shown.html, title="The email", width="100%", height="760px"
            ),
            class_name="preview-window",
            tab_index=0,
        ),
        min_width="0",
    )
