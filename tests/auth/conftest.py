"""What tests of who may come in share."""

from datetime import datetime, tzinfo

import pytest

from rxapp.db import types


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock stands still: however busy the machine, no wait ends by itself."""

    class Still:
        at: datetime | None = None

        @classmethod
        def now(cls, zone: tzinfo) -> datetime:
            cls.at = cls.at or datetime.now(zone)
            return cls.at

    monkeypatch.setattr(types, "datetime", Still)
