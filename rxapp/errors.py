"""One tree of errors, each with a stable code, an HTTP status and a plain sentence.

RxappError                      500  internal
├── InvalidInput                422  invalid_input        (carries the field it is about)
│   ├── InvalidTemplate         422  invalid_template     (carries the problems found)
│   ├── AutomationLoop          422  automation_loop
│   └── IdempotencyKeyInvalid   400  idempotency_key_invalid
├── NotFound                    404  not_found
├── Conflict                    409  conflict
│   ├── AlreadyExists           409  already_exists
│   ├── InUse                   409  in_use               (carries who uses it)
│   ├── Raced                   409  conflict             (somebody else's change, just now)
│   ├── WrongStatus             409  wrong_status
│   └── IdempotencyMismatch     409  idempotency_mismatch
├── NotAuthenticated            401  not_authenticated
├── NotAllowed                  403  not_allowed
├── TooManyRequests             429  too_many_requests
├── TooSlow                     408  too_slow             (a body that does not come)
├── TooLarge                    413  too_large            (a body without end)
├── NotSetUp                    503  not_set_up
├── Unavailable                 503  unavailable          (the machine's doing; may pass by itself)
│   ├── DiskFull                503  disk_full
│   ├── ReadOnly                503  read_only
│   ├── Busy                    503  busy
│   └── DatabaseAway            503  database_away
├── BadBackup                   500  bad_backup           (cannot be made, or cannot be restored)
├── CannotStart                 500  cannot_start         (the port is taken, the build failed)
└── MissingVariable             422  missing_variable     (no value and no fallback)
"""

from typing import Any, ClassVar


class RxappError(Exception):
    """Base of every error the app raises on purpose; `str(error)` is fit to be read by a person."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, sentence: str, **extra: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.extra = extra

    def problem(self) -> dict[str, Any]:
        """The body of the `application/problem+json` answer (RFC 9457)."""
        return {
            "type": f"urn:rxapp:error:{self.code}",
            "title": self.sentence,
            "status": self.status,
            "code": self.code,
            "detail": self.sentence,
            **self.extra,
        }


class InvalidInput(RxappError):
    """Something a person or a client entered cannot be accepted; `field` says where."""

    code = "invalid_input"
    status = 422

    def __init__(self, sentence: str, field: str | None = None, **extra: Any) -> None:
        super().__init__(sentence, **({"field": field} if field else {}), **extra)
        self.field = field


class InvalidTemplate(InvalidInput):
    """An email that cannot be saved; `problems` lists each one with its place."""

    code = "invalid_template"


class AutomationLoop(InvalidInput):
    """Automations that could set each other off again and again."""

    code = "automation_loop"


class IdempotencyKeyInvalid(InvalidInput):
    """An `Idempotency-Key` header that is empty or longer than 256 characters."""

    code = "idempotency_key_invalid"
    status = 400


class NotFound(RxappError):
    """What was named does not exist."""

    code = "not_found"
    status = 404


class Conflict(RxappError):
    """The request contradicts what is there."""

    code = "conflict"
    status = 409


class Overtaken(Conflict):
    """Somebody else saved it since it was read: saving would undo what they did."""

    code = "overtaken"


class AlreadyExists(Conflict):
    """A name, address or key that must be unique is taken."""

    code = "already_exists"


class InUse(Conflict):
    """Deleting is refused because something still uses it; `used_by` lists what."""

    code = "in_use"


class Raced(Conflict):
    """Somebody else deleted or made at the same moment what this needs: done anew, it may work."""


class WrongStatus(Conflict):
    """The step is not possible from the status it is in."""

    code = "wrong_status"


class IdempotencyMismatch(Conflict):
    """The same `Idempotency-Key` came with another request."""

    code = "idempotency_mismatch"


class NotAuthenticated(RxappError):
    """No session and no key, or one that is no longer valid."""

    code = "not_authenticated"
    status = 401


class NotAllowed(RxappError):
    """The person or key is known but its role does not allow this."""

    code = "not_allowed"
    status = 403


class TooManyRequests(RxappError):
    """Slow down; `retry_after` is in seconds."""

    code = "too_many_requests"
    status = 429


class TooSlow(RxappError):
    """The request's body did not come in time."""

    code = "too_slow"
    status = 408


class TooLarge(RxappError):
    """The request's body is longer than anything of ours."""

    code = "too_large"
    status = 413


class NotSetUp(RxappError):
    """The people who run the app have not configured what this needs."""

    code = "not_set_up"
    status = 503


class Unavailable(RxappError):
    """What is below us does not do its part: nobody's doing who asked, and it may pass by itself.

    Which of them an error of a library's is, `rxapp.db.trouble.refusal` says, for every door.
    """

    code = "unavailable"
    status = 503
    told: ClassVar[str] = "The server cannot do this just now. Please try again in a minute."

    def __init__(self) -> None:
        super().__init__(self.told)


class DiskFull(Unavailable):
    """Nothing can be written because there is no room."""

    code = "disk_full"
    told = (
        "The disk of the server is full, so this could not be saved. What was there before is "
        "safe. "
        "Tell the people who run this server that it needs room."
    )


class ReadOnly(Unavailable):
    """The database, or a directory, takes no writes."""

    code = "read_only"
    told = (
        "The server can read its data but not write it just now, so this could not be saved. If "
        "it does not pass within a minute, tell the people who run this server."
    )


class Busy(Unavailable):
    """Somebody else holds what this needs."""

    code = "busy"
    told = "The database is busy with something else just now. Please try again in a minute."


class DatabaseAway(Unavailable):
    """The database does not answer."""

    code = "database_away"
    told = (
        "The database does not answer just now. Nothing that waits is lost. Please try again in a "
        "minute."
    )


class MissingVariable(RxappError):
    """A variable of the email has no value for this partner and no fallback."""

    code = "missing_variable"
    status = 422

    def __init__(self, variable: str) -> None:
        super().__init__(
            f"This partner has no value for “{variable}”, and the email has no fallback for it.",
            variable=variable,
        )
        self.variable = variable


class CannotStart(RxappError):
    """The app cannot be started; told to whoever typed the command."""

    code = "cannot_start"


class BadBackup(RxappError):
    """A backup that cannot be made, or a file that cannot be restored; nothing was changed."""

    code = "bad_backup"
