"""What concerns the whole program and needs somebody to act: shown on top of every page."""

from sqlmodel import Session

from rxapp.db import pace
from rxapp.domain.settings import Program


def notices(session: Session, program: Program, provider: str) -> list[str]:
    """One plain sentence each, the most pressing first."""
    found = []
    stopped = pace.find(session, provider)
    if stopped is not None and stopped.stopped_at is not None:
        found.append(
            f"The email provider refuses to send: {stopped.stop_message.rstrip('.')}. "
            "Emails wait and go out once this is solved."
        )
    if program.paused:
        found.append("Sending is paused. Emails wait until an admin resumes it in Settings.")
    return found
