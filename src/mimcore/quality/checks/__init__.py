"""Data quality beside decay: declared rules, evaluated, recorded over time, and made into tasks when they fail."""
