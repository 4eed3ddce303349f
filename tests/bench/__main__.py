"""Run every benchmark and print what it found."""

from tests.bench import bulk, drain, latency, pages, preview

for benchmark in (drain, latency, bulk, pages, preview):
    benchmark.main()
    print()
