"""Mixed use for a while, with restarts in it: `python -m tests.soak --minutes 30`."""
