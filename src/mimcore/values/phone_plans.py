"""A short way to the answer of `phonenumbers` for ordinary numbers: one compiled pattern a calling code.

Everything is derived from the library's own metadata when a calling code is first met, so there is no second truth, and
whatever is not plainly decided is left to the library: other characters than digits and common punctuation, dialling
prefixes, carrier codes, every number that is not valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

__all__ = ["ordinary_e164"]

_ORDINARY = re.compile(r"\(?(\+?)[0-9 ().\-/]{5,}")
_PUNCTUATION = str.maketrans("", "", " ().-/+")
_KINDS = (
    "fixed_line",
    "mobile",
    "voip",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)

Match = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Region:
    """How numbers are written in one region, and what may stand before them."""

    code: str
    general: Match
    lengths: frozenset[int]
    longest: int
    prefix: Match | None
    """Finds the national prefix, or None where there is none."""
    rewrites: bool
    """Whether what follows the prefix may be rewritten; the library does that."""
    abroad: Match | None
    """Finds the prefix of international calls."""

    def significant(self, digits: str) -> str | None:
        """Return the number without a national prefix, or None where only the library knows."""
        found = None if self.prefix is None else self.prefix(digits)
        if found is None:
            return digits
        if self.rewrites:
            return None
        rest = digits[found.end() :]
        if self.general(rest):
            return rest if len(rest) in self.lengths else None
        return digits if self.general(digits) else None

    def national(self, digits: str) -> str | None:
        """Return the significant number of one dialled inside the region, or None where only the library knows."""
        if self.abroad is not None and self.abroad(digits):
            return None
        if digits.startswith(self.code) and not (self.general(digits) and len(digits) <= self.longest):
            return None
        return self.significant(digits)


def ordinary_e164(text: str, region: str | None) -> str | None:
    """Return a valid number in E.164, or None where the library must be asked.

    Args:
        text: The number as typed.
        region: A region that the library knows, whose national format is meant; None for international numbers.

    Examples:
        >>> ordinary_e164("+45 32 12 34 56", None), ordinary_e164("32 12 34 56", "DK"), ordinary_e164("1", "DK")
        ('+4532123456', '+4532123456', None)
    """
    found = _ORDINARY.fullmatch(text)
    if found is None:
        return None
    digits = text.translate(_PUNCTUATION)
    if found[1]:
        code = _code_of(digits)
        number = None if code is None else _main_region(code).significant(digits[len(code) :])
    else:
        home = None if region is None else _region(region)
        code, number = (None, None) if home is None else (home.code, home.national(digits))
    if code is None or number is None or not _is_valid(code)(number):
        return None
    return f"+{code}{number}"


def _code_of(digits: str) -> str | None:
    """Return the calling code with which an international number begins; none begins like another one."""
    codes = _codes()
    if (two := digits[:2]) in codes:
        return two
    if (three := digits[:3]) in codes:
        return three
    return one if (one := digits[:1]) in codes else None


@cache
def _codes() -> frozenset[str]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # lazily: `import mimcore` must stay light

    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


@cache
def _main_region(code: str) -> _Region:
    from phonenumbers import PhoneMetadata, region_code_for_country_code

    number = int(code)
    return _read(PhoneMetadata.metadata_for_region_or_calling_code(number, region_code_for_country_code(number)))


@cache
def _region(name: str) -> _Region:
    from phonenumbers import PhoneMetadata

    return _read(PhoneMetadata.metadata_for_region(name, None))


def _read(plan: Any) -> _Region:
    lengths = plan.general_desc.possible_length
    prefix, abroad = plan.national_prefix_for_parsing, plan.international_prefix
    return _Region(
        str(plan.country_code),
        re.compile(plan.general_desc.national_number_pattern).fullmatch,
        frozenset(lengths),
        max(lengths),
        re.compile(prefix).match if prefix else None,
        bool(plan.national_prefix_transform_rule),
        re.compile(abroad).match if abroad else None,
    )


@cache
def _is_valid(code: str) -> Match:
    """Return what tells the valid numbers of a calling code from others."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    number = int(code)
    regions = COUNTRY_CODE_TO_REGION_CODE[number]
    plans = [PhoneMetadata.metadata_for_region_or_calling_code(number, region) for region in regions]
    forms = [_numbers(plans[0])] if len(plans) == 1 else _claims(plans)
    return re.compile("|".join(forms)).fullmatch


def _claims(plans: Iterable[Any]) -> Iterator[str]:
    """Yield a pattern a region, where several share a code: whose leading digits a number has decides alone."""
    others = ""
    for plan in plans:
        leading = plan.leading_digits
        yield others + (f"(?={leading})" if leading else "") + _numbers(plan)
        others += f"(?!{leading})" if leading else ""


def _numbers(plan: Any) -> str:
    """Return the pattern of the valid numbers of a region: of its general form, and of one kind at least."""
    kinds = [kind for name in _KINDS if (kind := getattr(plan, name)) and _occurs(kind)]
    return rf"(?={_form(plan.general_desc)}\Z)(?:{'|'.join(map(_form, kinds))})"


def _occurs(kind: Any) -> bool:
    return bool(kind.national_number_pattern) and max(kind.possible_length, default=1) > 0


def _form(kind: Any) -> str:
    """Return the pattern of one kind of numbers, with the lengths that it may have; none at all if those are absent."""
    sizes = "|".join(f"[0-9]{{{size}}}" for size in kind.possible_length)
    length = rf"(?=(?:{sizes})\Z)" if sizes else ""
    return f"(?:{length}(?:{kind.national_number_pattern}))"
