"""Run every benchmark and print what it found."""

from tests.bench import bulk, drain, latency

for benchmark in (drain, latency, bulk):
    benchmark.main()
    print()
