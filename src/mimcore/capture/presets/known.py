"""All ready mappings, found by name or by the columns of a file, and how one is applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mimcore.capture.mapping.column_kinds import DateOrder
from mimcore.capture.mapping.deals import DEAL_KIND
from mimcore.capture.mapping.guesses import transforms_for
from mimcore.capture.mapping.proposal import Proposal, Proposer
from mimcore.capture.mapping.sniff import guess_column, header_key
from mimcore.capture.mapping.targets import DEAL_MOMENTS, EVENT_CONTACT, spec_of
from mimcore.capture.mapping.transform_words import default, read_money
from mimcore.capture.presets import address_books, crm, crm_companies, crm_deals, lead_forms, mailings
from mimcore.capture.presets.preset import Preset, Target
from mimcore.errors import InvalidValueError, nearest
from mimcore.rules.language.catalogue import Kind

__all__ = ["PRESETS", "applied", "preset_named", "recognised"]

PRESETS: tuple[Preset, ...] = (
    *crm.PRESETS,
    *crm_companies.PRESETS,
    *crm_deals.PRESETS,
    *address_books.PRESETS,
    *mailings.PRESETS,
    *lead_forms.PRESETS,
)
"""Every ready mapping."""

_DATES = frozenset({"observed_at", "deal.closed_at", *DEAL_MOMENTS})
_NO_CONSENT = "consent needs consent=ConsentColumns(notice=…)"
_SURE = 1.0
_LISTED = 12


def preset_named(name: str) -> Preset:
    """Return a ready mapping by its name.

    Args:
        name: Such as `hubspot-contacts`.

    Raises:
        InvalidValueError: If there is none, with the nearest.

    Examples:
        >>> preset_named("google-contacts").title
        'Google Contacts'
    """
    names = [one.name for one in PRESETS]
    found = next((one for one in PRESETS if one.name == name), None)
    if found is None:
        hint = nearest(name, [*names, "auto"])
        raise InvalidValueError("mapping", f"is no ready mapping{hint}", f"use 'auto' or one of {', '.join(names)}")
    return found


def recognised(headers: Iterable[str], kind: str | None = None) -> Preset | None:
    """Return the ready mapping of a file, or None.

    Args:
        headers: Names of its columns; of several that fit, the one with the most columns in common is taken.
        kind: Only of rows of this kind.

    Examples:
        >>> recognised(["Email Address", "MEMBER_RATING", "OPTIN_TIME", "LEID"]).name
        'mailchimp-audience'
    """
    keys = {header_key(header) for header in headers}
    fitting = [one for one in PRESETS if kind in {None, one.kind} and one.fits(keys)]
    return max(fitting, key=lambda one: len((one.needs | one.typical) & keys), default=None)


def applied(
    preset: Preset, proposer: Proposer, *, key: str | Sequence[str] | None, region: str | None, with_consent: bool
) -> Proposal:
    """Take the columns of a file as a ready mapping says, each only if its cells agree.

    Args:
        preset: The ready mapping.
        proposer: The columns of the file.
        key: By what contacts are found; chosen unless given.
        region: ISO country of national phone numbers.
        with_consent: Whether the import opted in to consent columns.

    Raises:
        InvalidValueError: If no column can serve as key, or an amount of a deal is of no currency.
    """
    unknown: list[str] = []
    for header in proposer.cells:
        target = preset.target(header)
        if target is not None:
            _take(preset, proposer, header, target, with_consent=with_consent)
        elif not _is_declared(proposer, header):
            reason = preset.reason(header)
            proposer.leave(header, reason)
            unknown += [] if reason else [header]
    if preset.kind == DEAL_KIND:
        _check_deals(preset, proposer)
    advice = [preset.advice] if preset.advice else []
    remarks = [f"read as an export of {preset.title} (mapping='{preset.name}')", *advice, *_further(unknown)]
    return proposer.finish(key, region, preset.name, remarks, preset.prefers)


def _check_deals(preset: Preset, proposer: Proposer) -> None:
    """Refuse deals without a contact's column, and amounts that would be stored without their currency."""
    taken = {one.field: one for one in proposer.mappings}
    if not taken.keys() & set(EVENT_CONTACT):
        reason = f"is that of {preset.title}, but no column names the contact of a deal"
        raise InvalidValueError("mapping", reason, "a deal is recorded with a contact: export its id or e-mail as well")
    amount = taken.get("deal.value")
    if amount is not None and not amount.transforms and "deal.currency" not in taken:
        reason = f"of '{amount.column}' is not said by the file"
        raise InvalidValueError("currency", reason, "give it, for example currency='EUR'")


def _of_currency(preset: Preset, proposer: Proposer, field: str, currency: str) -> tuple[Any, ...]:
    """Read amounts of deals in a currency, or let it stand in where the row names none."""
    if field == "deal.currency":
        return (default(currency),)
    known = (preset.target(header) for header in proposer.cells)
    is_told = any(target is not None and target.fields == ("deal.currency",) for target in known)
    return () if is_told else (read_money(currency),)


def _further(names: list[str]) -> list[str]:
    if not names:
        return []
    listed = ", ".join(f"'{name}'" for name in names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
    return [f"{len(names)} further columns are left out, which this export has not always: {listed}"]


def _is_declared(proposer: Proposer, header: str) -> bool:
    """Take a column that bears the name of a declared attribute."""
    found = (name for name, spec in proposer.declared.items() if header_key(spec.short) == header_key(header))
    name = next(found, None)
    return name is not None and proposer.take(header, name, (), _SURE, "it bears the name of a declared attribute")


def _take(preset: Preset, proposer: Proposer, header: str, target: Target, *, with_consent: bool) -> None:
    if target.is_consent and not with_consent:
        proposer.leave(header, _NO_CONSENT)
        return
    cells = proposer.cells[header]
    guess = guess_column(header, cells)
    for field in target.fields:
        spec = spec_of(field, proposer.declared)
        is_dated = field in _DATES or (spec is not None and spec.kind in {Kind.DATE, Kind.INSTANT})
        if is_dated and guess.date_order is DateOrder.DMY_OR_MDY:
            proposer.leave(header, "its dates may be day first or month first; map it with read_dates('DMY') or 'MDY'")
            continue
        is_fitting = is_dated or guess.date_order is None
        found = transforms_for(field, guess, cells, proposer.declared, proposer.currency) if is_fitting else ()
        if field in {"deal.value", "deal.currency"} and proposer.currency is not None:
            found = _of_currency(preset, proposer, field, proposer.currency)
        why = f"the name that {preset.title.partition(',')[0]} gives it"
        proposer.take(header, field, target.transforms or found, _SURE, why)
