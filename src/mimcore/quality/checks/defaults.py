"""A sensible beginning: rules of quality that fit most databases of people."""

from __future__ import annotations

from typing import Any

from mimcore.domain import fields as f
from mimcore.domain.quality_rules import QualityRule

__all__ = ["default_quality_rules"]


def default_quality_rules(*, owner: str | None = None) -> tuple[QualityRule, ...]:
    """Return rules that fit most databases of people; the thresholds are judgement, change them with `evolve`.

    Args:
        owner: Who gets the tasks when one fails.

    Examples:
        >>> [rule.key for rule in default_quality_rules()][:2]
        ['email-known', 'email-works']
    """
    c, own = f.contact, dict[str, Any](owner=owner)
    return (
        QualityRule.complete("email-known", c.emails, at_least=0.9, **own),
        QualityRule.valid("email-works", c.emails, at_least=0.98, severity="critical", **own),
        QualityRule.unique("email-of-one-person", "email", at_least=0.99, **own),
        QualityRule.valid("phone-works", c.phones, at_least=0.98, **own),
        QualityRule.consistent("phone-of-the-country", "phone_country", at_least=0.9, severity="notice", **own),
        QualityRule.complete("country-known", c.country, at_least=0.9, **own),
        QualityRule.consistent("postal-code-of-the-country", "postal_code_country", at_least=0.98, **own),
        QualityRule.unique("name-of-one-person", "name", at_least=0.98, **own),
        QualityRule.valid("age-is-possible", c.age.is_between(0, 115), **own),
        QualityRule.consistent("job-after-birth", c.employment.started_on.after(c.birth_date), **own),
    )
