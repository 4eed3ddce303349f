"""Programs that call the API all the time, and ask again under the same key until answered."""

import random
import time
from typing import Any
from uuid import uuid4

import httpx

from tests.soak.stage import Stage

# Answers that say "not now": a database that restarts, a proxy's, a quota's.
AGAIN = {429, 500, 502, 503, 504}
PATIENCE_SECONDS = 120.0
BULK = 300


class ApiClient:
    """One program: it adds partners, assigns and removes tags, one by one and many at once."""

    def __init__(self, stage: Stage, number: int) -> None:
        self._stage = stage
        self._number = number
        self._chance = random.Random(number)
        self._partners: list[int] = []
        # The sends that the API said were decided: none may be missing in the end.
        self.promised: set[int] = set()

    def run(self) -> None:
        """Call until it is over."""
        with self._stage.api() as http:
            while not self._stage.over.is_set():
                self._turn(http)
                self._stage.over.wait(self._chance.uniform(0.05, 0.4))

    def _turn(self, http: httpx.Client) -> None:
        if len(self._partners) < 5 or self._chance.random() < 0.4:
            self._add(http)
        elif self._chance.random() < 0.03:
            chosen = self._chance.sample(self._partners, min(BULK, len(self._partners)))
            self._call(http, "POST", "/tags/news/assignments", {"partners": chosen})
            self._call(http, "DELETE", "/tags/news/assignments", {"partners": chosen})
        else:
            partner, tag = self._chance.choice(self._partners), self._chance.choice(("vip", "gold"))
            if self._chance.random() < 0.4:
                self._call(http, "DELETE", f"/partners/{partner}/tags/{tag}", also=(404,))
            self._assign(http, partner, tag)

    def _add(self, http: httpx.Client) -> None:
        name = f"c{self._number}-{len(self._partners)}-{uuid4().hex[:6]}"
        body = {"email": f"{name}@soak.example", "first_name": name}
        made = self._call(http, "POST", "/partners", body)
        if made is not None:
            self._partners.append(made["id"])
            self._assign(http, made["id"], "vip")

    def _assign(self, http: httpx.Client, partner: int, tag: str) -> None:
        done = self._call(http, "POST", f"/partners/{partner}/tags", {"tag": tag})
        if done is not None:
            self.promised |= {send["id"] for send in done["sends"]}

    def _call(
        self,
        http: httpx.Client,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        also: tuple[int, ...] = (),
    ) -> Any:
        """The answer to a call that has one effect, however often it had to be asked."""
        headers = {"Idempotency-Key": uuid4().hex}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = http.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(0.2)  # it restarts: its answering is the only sign
                continue
            if answer.is_success or answer.status_code in also:
                return answer.json() if answer.content else None
            # Another request under this key is still being answered.
            if answer.status_code not in AGAIN | {409}:
                break
            time.sleep(0.2)
        self._stage.surprises.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None
