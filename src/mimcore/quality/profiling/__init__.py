"""Progressive profiling: what is worth asking one person next."""
