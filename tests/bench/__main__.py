"""Run every benchmark and print what it found."""

from tests.bench import bulk, drain, latency, pages

for benchmark in (drain, latency, bulk, pages):
    benchmark.main()
    print()
