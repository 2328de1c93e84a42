"""The store as it was: what it held at an instant, put together from what it holds now and what was recorded since."""
