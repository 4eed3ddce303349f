"""Pages: pure functions of state."""
