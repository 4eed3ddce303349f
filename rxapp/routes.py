"""URL patterns of the pages, and builders for the addresses with something in them."""

from urllib.parse import urlencode

HOME = "/"
PARTNERS = "/partners"
PARTNER = "/partners/[partner_id]"
IMPORT = "/partners/import"
TAGS = "/tags"
EMAILS = "/emails"
EMAIL = "/emails/[template_id]"
NEW_EMAIL = "/emails/new"
AUTOMATIONS = "/automations"
AUTOMATION = "/automations/[automation_id]"
EDIT_AUTOMATION = "/automations/[automation_id]/edit"
NEW_AUTOMATION = "/automations/new"
SENDS = "/sends"
SEND = "/sends/[send_id]"
SETTINGS = "/settings"
DELIVERY = "/settings/delivery"
API_KEYS = "/settings/api-keys"
PEOPLE = "/settings/people"
AUDIT = "/settings/audit"
SYSTEM = "/settings/system"
ACCOUNT = "/account"
# Reflex's name for whatever is none of the above.
NOT_FOUND = "404"

# Served before the front end, by rxapp/auth.
LOGIN = "/login"
LOGOUT = "/logout"
JOIN = "/join"

# A file to download, from rxapp/api.
EXPORT_PARTNERS = "/api/v1/exports/partners"
EXPORT_SENDS = "/api/v1/exports/sends"


def login(then: str = HOME) -> str:
    """The login page, which goes on to the page `then`."""
    return f"{LOGIN}?{urlencode({'next': then})}" if then != HOME else LOGIN


def join(token: str) -> str:
    """The page behind an invitation, or behind a link for a new password."""
    return f"{JOIN}/{token}"


def partner(partner_id: object) -> str:
    """The page of one partner; a number, or a Reflex Var of one."""
    return f"{PARTNERS}/{partner_id}"


def email(template_id: object) -> str:
    """The editor of one email."""
    return f"{EMAILS}/{template_id}"


def automation(automation_id: object) -> str:
    """The page of one automation: what it does, and what it did."""
    return f"{AUTOMATIONS}/{automation_id}"


def edit_automation(automation_id: object) -> str:
    """The builder, with one automation in it."""
    return f"{AUTOMATIONS}/{automation_id}/edit"


def send(send_id: object) -> str:
    """The page of one send."""
    return f"{SENDS}/{send_id}"
