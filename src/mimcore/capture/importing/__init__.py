"""Imports: planned, applied by batches, resumed, undone; what is refused is kept."""
