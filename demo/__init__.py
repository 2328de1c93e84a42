"""The whole story of mimcore on real data: `python -m demo` from the checkout, or `make demo`."""
