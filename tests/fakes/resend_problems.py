"""The provider's refusals: status, name and wording of resend.com/docs/api-reference/errors."""

from typing import NamedTuple


class Problem(NamedTuple):
    """Why a request is refused, as the provider names it."""

    status: int
    name: str
    message: str


def missing(name: str) -> Problem:
    """A required field that is absent or empty."""
    return Problem(422, "missing_required_field", f"Missing `{name}` field.")


def invalid(message: str) -> Problem:
    """A field with a value the provider does not take."""
    return Problem(422, "validation_error", message)


class Refusal(Exception):
    """A request the API turns down."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


PROBLEMS = {
    "no_key": Problem(401, "missing_api_key", "Missing API key in the authorization header."),
    "401": Problem(401, "validation_error", "API key is invalid"),
    "old_403": Problem(403, "invalid_api_key", "API key is invalid"),
    "403": Problem(403, "suspended_api_key", "This API key is suspended"),
    "restricted": Problem(
        401, "restricted_api_key", "This API key is restricted to only send emails."
    ),
    "endpoint": missing("endpoint"),
    "domain": Problem(
        403,
        "validation_error",
        "The `partners.example` domain is not verified. Please, add and verify your domain.",
    ),
    "429": Problem(
        429,
        "rate_limit_exceeded",
        "Too many requests. Please limit the number of requests per second. Or contact support "
        "to increase rate limit.",
    ),
    "daily_quota": Problem(
        429, "daily_quota_exceeded", "You have exceeded your daily email sending quota."
    ),
    "monthly_quota": Problem(
        429, "monthly_quota_exceeded", "You have exceeded your monthly email sending quota."
    ),
    "bad_key": Problem(
        400,
        "invalid_idempotency_key",
        "Idempotency keys, if present, must have between 1 and 256 characters.",
    ),
    "other_body": Problem(
        409,
        "invalid_idempotent_request",
        "This idempotency key has been used with this HTTP method and endpoint within the last "
        "24 hours, but the request body was modified and doesn't match the original request.",
    ),
    "in_flight": Problem(
        409,
        "concurrent_idempotent_requests",
        "There is another request in progress with the same idempotency key.",
    ),
    "locked": Problem(409, "resource_locked", "Another request is already updating this resource."),
    "not_found": Problem(404, "not_found", "The requested endpoint does not exist."),
    "no_email": Problem(404, "not_found", "Email not found"),
    "method": Problem(405, "method_not_allowed", "Method is not allowed for the requested path."),
    "500": Problem(500, "application_error", "An unexpected error occurred."),
    "503": Problem(503, "service_unavailable", "API is temporarily unavailable"),
}
