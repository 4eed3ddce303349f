"""How long a start of the app takes, and a stop, against what Python takes to load Reflex."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.e2e.server import App, free_port, start, wait_until_ready

TIMES = 5


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="rxapp-bench-") as directory:
        _started(Path(directory)).stop()  # builds the front end and makes the tables
        starts, stops, loads = [], [], []
        for _ in range(TIMES):
            loads.append(_seconds(_load_reflex))
            began = time.monotonic()
            app = _started(Path(directory))
            starts.append(time.monotonic() - began)
            stops.append(_seconds(app.stop))
    yardstick = median(loads)
    print(f"Loading Reflex alone: {yardstick:.2f} s")
    print(f"A start that builds nothing: {median(starts):.2f} s, {median(starts) / yardstick:.1f}x")
    print(f"A stop: {median(stops):.2f} s (slowest {max(stops):.2f}), "
          f"{median(stops) / yardstick:.1f}x")  # fmt: skip


def _started(data: Path) -> App:
    app = start(data, free_port())
    wait_until_ready(app)
    return app


def _load_reflex() -> None:
    subprocess.run([sys.executable, "-c", "import reflex"], check=True)


def _seconds(deed: Callable[[], object]) -> float:
    began = time.monotonic()
    deed()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
