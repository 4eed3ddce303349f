"""Run every benchmark and print what it found."""

from tests.bench import bulk, drain, latency, pages, preview, starting

for benchmark in (drain, latency, bulk, pages, preview, starting):
    benchmark.main()
    print()
