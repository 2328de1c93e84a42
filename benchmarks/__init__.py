"""Speed and memory against hand-written code; run with `python -m benchmarks`. See docs/performance.md."""
