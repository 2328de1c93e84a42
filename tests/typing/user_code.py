"""Code as a user writes it; clean under mypy --strict and pyright strict."""

from mimcore.errors import InvalidValueError, MimcoreError, MissingExtraError, Problem, nearest


def reasons(error: InvalidValueError) -> dict[str, str]:
    return {problem.field: problem.reason for problem in error.problems}


def first(problems: list[Problem]) -> str:
    try:
        raise InvalidValueError.of(problems)
    except MimcoreError as error:
        return str(error)


def what_to_install(error: MissingExtraError) -> str:
    return f"pip install 'mimcore[{error.extra}]'"


hint: str = nearest("contry", ["country", "city"])
