"""Signs of life of workers whose threads show them at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from rxapp.db import workers
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from tests.patience import PATIENCE, somebody_waits, until

pytestmark = pytest.mark.usefixtures("database")


def test_two_threads_that_show_the_first_life_at_once_are_one_worker() -> None:
    now, beaten = utcnow(), utcnow() + timedelta(seconds=1)

    def dispatcher() -> None:
        with writing() as s:
            workers.beat(s, "w1", "resend", beaten)

    with ThreadPoolExecutor() as pool:
        with writing() as s:
            workers.beat(s, "w1", "sandbox", now, {"jobs": "ok"})
            other = pool.submit(dispatcher)
            until(somebody_waits)
        other.result(PATIENCE)
    with reading() as s:
        (worker,) = workers.everyone(s)
    assert (worker.provider, worker.threads) == ("resend", {"jobs": "ok"})
    assert (worker.started_at, worker.seen_at) == (now, beaten)
