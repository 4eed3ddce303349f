"""Benchmarks: `make bench` runs them all. Each claim is a ratio of things measured side by side."""
