"""Mistakes that a type checker tells a user about; the marked lines must be reported."""

from mimcore.errors import InvalidValueError, MissingExtraError, Problem, nearest

Problem("age")  # E: the reason is required
Problem("age", "is negative").field = "years"  # E: problems are frozen
InvalidValueError("age", 3)  # E: a reason is text
InvalidValueError("age", "is negative", value=-3)  # E: there is no parameter that a value could travel in
InvalidValueError("age", "is negative").value  # E: an error holds no value
MissingExtraError("plots")  # E: which extra?
hint: int = nearest("contry", ["country"])  # E: a hint is text
