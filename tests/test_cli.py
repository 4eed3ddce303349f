"""The `rxapp` command, run as a person would."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("rxapp")


def rxapp(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_database_is_made_and_upgraded_from_any_directory_and_again(tmp_path: Path) -> None:
    for _ in range(2):
        done = rxapp("db", "upgrade", cwd=tmp_path, RXAPP_DATA_DIR="kept", DATABASE_URL="")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "The database is up to date.\n"
    with sqlite3.connect(tmp_path / "kept" / "rxapp.db") as database:
        assert database.execute("SELECT count(*) FROM sends").fetchone() == (0,)


def test_without_a_command_the_commands_are_listed(tmp_path: Path) -> None:
    listed = rxapp("--help", cwd=tmp_path).stdout
    assert all(name in listed for name in ("run", "worker", "db"))
