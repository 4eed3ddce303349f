"""Every reason the log can give, and its one plain sentence."""

REASONS: dict[str, str] = {
    # skipped when deciding, or when the batch was formed
    "no_address": "This partner has no email address.",
    "archived": "This partner is archived.",
    "suspended": "This partner is suspended.",
    "unsubscribed": "This partner has unsubscribed from marketing emails.",
    "bounced": "Earlier mail to this address bounced for good.",
    "complained": "This partner marked an earlier email as spam.",
    "loop": "The automation had already run for this partner in the same chain of automations.",
    "same_email": "Another automation already sends this email for the same assignment.",
    "tag_gone": "The tag had been removed by the time the email was due.",
    "automation_off": "The automation was switched off before the email left.",
    # canceled
    "canceled": "Canceled by a person before it left.",
    "undone": "The bulk action that caused it was undone.",
    "discarded": "Discarded when sending was resumed after a pause.",
    "restored": "Discarded by an admin after a backup was restored: it may have left before.",
    "not_meant": "Discarded by an admin when the email provider's key was changed.",
    # failed
    "missing": "The email needs “{detail}”, which is empty for this partner.",
    "broken_email": "The email could not be put together: {detail}",
    "refused": "The email provider refused it: {detail}",
    "not_delivered": "The email provider could not deliver it: {detail}",
    # unknown
    "backup": "A backup was restored that was made while this email was on its way, "
    "so nobody can say whether it arrived. It is not sent again by itself.",
    "no_answer": "The email provider never said whether it took this email, "
    "so it is not sent again by itself.",
    "other_account": "The Resend account whose key was used before may have taken this email, "
    "so the account used now is not given it.",
}


def sentence(reason: str, detail: str = "") -> str:
    """The sentence for a stored reason such as `unsubscribed` or `missing: first_name`."""
    word, _, rest = reason.partition(": ")
    known = REASONS.get(word, "")
    return known.format(detail=rest or detail or "no further explanation")


# Why an email that is still queued would not leave, where that needs words of its own.
_AHEAD = {
    "tag_gone": "Will not leave: the tag was taken off meanwhile.",
    "automation_off": "Will not leave while the automation is off.",
}


def told(reason: str, detail: str, why_not: str) -> str:
    """Why a send did not leave or arrive; of one that waits, why it would not (`why_not`)."""
    if not why_not:
        return sentence(reason, detail)
    return _AHEAD.get(why_not) or f"Will not leave as things stand: {sentence(why_not)}"
