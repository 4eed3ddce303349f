"""What can go wrong on purpose, by script or by chance."""

import random
from collections import deque

BEFORE = {
    "500": "500 application_error, nothing accepted",
    "503": "503 service_unavailable, nothing accepted",
    "502": "502 with a gateway's HTML page, nothing accepted",
    "429": "429 rate_limit_exceeded with retry-after",
    "daily_quota": "429 daily_quota_exceeded",
    "monthly_quota": "429 monthly_quota_exceeded",
    "401": "401 validation_error, the key is invalid",
    "403": "403 suspended_api_key",
    "domain": "403 validation_error, the sender's domain is not verified",
    "locked": "409 resource_locked",
    "hang": "never answers, nothing accepted",
    "reset": "resets the connection, nothing accepted",
}
AFTER = {
    "drop": "accepts, then closes the connection without an answer",
    "accept_hang": "accepts, then never answers",
    "accept_500": "accepts, then answers 500",
    "accept_502": "accepts, then answers a gateway's HTML page",
    "truncate": "accepts, then closes in the middle of the answer",
    "garbage": "accepts, then answers 200 with HTML",
    "short": "accepts, then answers with one id too few",
    "late": "accepts, then answers `late` seconds later (webhooks overtake the answer)",
    "close": "accepts and answers, then closes the connection without having said so",
}
KINDS = BEFORE | AFTER


class Faults:
    """Decides for each request what goes wrong: the script first, then chance."""

    def __init__(self, seed: int = 0) -> None:
        self.script: deque[str] = deque()
        self.probabilities: dict[str, float] = {}
        self.random = random.Random(seed)

    def add(self, kinds: list[str]) -> None:
        """Let the next requests fail so, one each; `ok` lets one through."""
        self._check(kinds)
        self.script.extend(kinds)

    def set(self, probabilities: dict[str, float], seed: int | None = None) -> None:
        """Let each request fail by chance; the same seed gives the same course."""
        self._check(list(probabilities))
        self.probabilities = probabilities
        if seed is not None:
            self.random.seed(seed)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.script.clear()
        self.probabilities = {}

    def draw(self, burst: int = 1) -> str:
        """What happens to this request: a kind, or the empty string."""
        if self.script:
            kind = self.script.popleft()
            return "" if kind == "ok" else kind
        if not self.probabilities:
            return ""
        point = self.random.random()
        for kind, probability in self.probabilities.items():
            point -= probability
            if point < 0:
                self.script.extend(["429"] * (burst - 1) if kind == "429" else [])
                return kind
        return ""

    def _check(self, kinds: list[str]) -> None:
        unknown = set(kinds) - set(KINDS) - {"ok"}
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
