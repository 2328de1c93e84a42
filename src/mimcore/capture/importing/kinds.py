"""What the rows of an import are, and that rows of that kind have every target of the mapping.

A target that the import would not write is refused: no column is passed over as if it had been taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from mimcore.capture.importing.consent import ConsentColumns
from mimcore.capture.importing.run import ACCOUNTS, CONTACTS, EVENTS
from mimcore.capture.mapping.deals import DEAL_KIND
from mimcore.capture.mapping.import_mapping import ImportMapping
from mimcore.capture.mapping.match_key import ACCOUNT, narrowing_of
from mimcore.capture.mapping.targets import ACCOUNT_NAMES, EVENT_CONTACT
from mimcore.errors import InvalidValueError, nearest
from mimcore.rules.language.catalogue import default_catalogue

__all__ = ["as_kind", "check_fits", "kind_of", "unused_keys"]

_RECORDS = (CONTACTS, ACCOUNTS)
_MEANING = {
    "event.at": "the column that says when it happened",
    "event.kind": "the column that says the kind of each event, or give kind='purchases' or another kind",
    "deal.id": "the column with the id of the deal",
    "deal.stage": "the column with its stage",
}


def as_kind(given: str) -> str:
    """Return a kind of rows in its canonical spelling.

    Args:
        given: `contacts`, `accounts`, `events`, or a kind of events, in the plural or not.

    Raises:
        InvalidValueError: With the nearest kind.

    Examples:
        >>> as_kind("purchases"), as_kind("contacts")
        ('purchase', 'contacts')
    """
    kinds, several = default_catalogue().event_kinds, (*_RECORDS, EVENTS)
    kind = given if given in several or given in kinds else given.removesuffix("s")
    if kind not in several and kind not in kinds:
        hint = nearest(given, [*several, *kinds])
        raise InvalidValueError("kind", f"is not known{hint}", "give 'contacts', 'accounts' or a kind of event")
    return kind


def kind_of(mapping: ImportMapping) -> str:
    """Return what the rows of a mapping are, where nobody has said.

    Args:
        mapping: Which column becomes what.

    Raises:
        InvalidValueError: If they are events of a kind that nothing tells.
    """
    if mapping.is_of_deals:
        return DEAL_KIND
    if not mapping.is_of_events:
        return ACCOUNTS if mapping.about == ACCOUNT else CONTACTS
    if not mapping.of_field("event.kind"):
        reason = "is not given, and the mapping has targets of events"
        raise InvalidValueError("kind", reason, "give kind='purchases' or another kind, or map a column to event.kind")
    return EVENTS


def check_fits(mapping: ImportMapping, consent: ConsentColumns | None, kind: str) -> None:
    """Refuse a mapping that lacks what rows of a kind need, or names what the import would not write.

    Args:
        mapping: Which column becomes what.
        consent: Declaration without which consent columns are refused.
        kind: What the rows are.

    Raises:
        InvalidValueError: With what is lacking or too much.
    """
    _check_about(mapping, kind)
    if kind not in _RECORDS and narrowing_of(mapping.key):
        raise InvalidValueError("key", "of events has one part", "give email, phone or external_id alone")
    _check_written(mapping, kind)
    has_columns = any(one.field.startswith("consent.") for one in mapping.columns)
    if has_columns and consent is None:
        raise InvalidValueError(
            "consent", "columns need an opt-in", "give consent=ConsentColumns(notice=…), or leave them out"
        )
    if kind in _RECORDS:
        return
    needed = ("deal.id", "deal.stage") if mapping.is_of_deals else ("event.at",)
    for target in (*needed, "event.kind") if kind == EVENTS else needed:
        if not mapping.of_field(target):
            raise InvalidValueError("mapping", f"has no column for {target}", f"map {_MEANING[target]}")


def unused_keys(mapping: ImportMapping, kind: str) -> Iterator[str]:
    """Tell which columns of an import of events are not used, since contacts are found by another.

    Args:
        mapping: Which column becomes what.
        kind: What the rows are.
    """
    if kind in _RECORDS:
        return
    for one in mapping.columns:
        if one.field in EVENT_CONTACT and one.field != mapping.key_field:
            yield f"'{one.column or 'constant'}' is not used: the contact of an event is found by {mapping.key}"


def _check_about(mapping: ImportMapping, kind: str) -> None:
    """Refuse a mapping of other rows than the kind says."""
    if (mapping.about == ACCOUNT) != (kind == ACCOUNTS):
        is_told = "says nothing but accounts" if kind != ACCOUNTS else "has targets that are no account's"
        raise InvalidValueError("mapping", f"{is_told}, and kind is '{kind}'", "change the mapping, or leave kind= out")
    if mapping.is_of_deals and kind != DEAL_KIND:
        raise InvalidValueError("mapping", f"is of deals, and kind is '{kind}'", "leave kind= out")
    if mapping.is_of_events and kind in _RECORDS:
        reason = f"is of events, and kind is '{kind}'"
        raise InvalidValueError("mapping", reason, "give their kind, such as kind='purchases'")
    if kind != ACCOUNTS and mapping.of_field("account.external_id"):
        reason = "is for imports of accounts: rows about people name their account by domain or name"
        raise InvalidValueError("account.external_id", reason, "map account.domain or account.name")


def _check_written(mapping: ImportMapping, kind: str) -> None:
    """Refuse targets that rows of the kind do not write."""
    fields = [one.field for one in mapping.columns]
    if kind not in _RECORDS:
        own = ("deal.", "observed_at") if mapping.is_of_deals else ("event.",)
        what = "deals" if mapping.is_of_deals else "events"
        for field in fields:
            if field not in EVENT_CONTACT and not field.startswith(own):
                reason = f"is not written by an import of {what}"
                raise InvalidValueError(field, reason, "leave the column out, and import it with the contacts")
    of_accounts = [field for field in fields if field.startswith("account.")]
    if kind == CONTACTS and of_accounts and not set(of_accounts) & set(ACCOUNT_NAMES):
        reason = "is an account's, and no column tells which account"
        raise InvalidValueError(of_accounts[0], reason, "map account.name or account.domain as well")
