"""Which mapping an import uses: a declared one, a ready one by name, or what the file itself suggests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mimcore.capture.mapping.import_mapping import ImportMapping, as_mapping
from mimcore.capture.mapping.proposal import Proposal, Proposer, propose_mapping, sample_of
from mimcore.capture.mapping.targets import Declared, declared_in
from mimcore.capture.presets.known import applied, preset_named, recognised
from mimcore.capture.reading.row_source import RowSource
from mimcore.repositories.workspace import Workspace

__all__ = ["AUTO", "choose_mapping"]

AUTO = "auto"
"""Recognise the export of a well-known program by its columns, else guess column by column."""


def choose_mapping(
    given: ImportMapping | Mapping[str, Any] | str | None,
    rows: RowSource,
    workspace: Workspace,
    *,
    kind: str | None,
    currency: str | None,
    key: str | Sequence[str] | None,
    region: str | None,
    with_consent: bool,
) -> tuple[ImportMapping, Proposal | None]:
    """Return the mapping of an import, and the proposal that it was taken from.

    Args:
        given: A mapping, its data, the name of a ready one, `auto` or None.
        rows: The file.
        workspace: The store.
        kind: `contacts`, `accounts` or a kind of events; what the file suggests if None.
        currency: Of amounts that name none.
        key: By what contacts are found.
        region: ISO country of national phone numbers.
        with_consent: Whether the import opted in to consent columns.

    Raises:
        InvalidValueError: If it names what does not exist, or nothing can be guessed.
    """
    if given is not None and not isinstance(given, str):
        return as_mapping(given, key=key, region=region, currency=currency, declared=_declared(workspace)), None
    is_guessed = given is None or given == AUTO
    preset = recognised(rows.headers, kind) if is_guessed else preset_named(str(given))
    declared = _declared(workspace)
    if preset is None:
        options: dict[str, Any] = {"kind": kind or "contacts", "key": key, "region": region, "currency": currency}
        found = propose_mapping(rows.headers, rows, zone=workspace.zone, declared=declared, **options)
    else:
        proposer = Proposer(sample_of(rows.headers, rows), workspace.zone, declared, currency)
        found = applied(preset, proposer, key=key, region=region, with_consent=with_consent)
    return found.mapping, found


def _declared(workspace: Workspace) -> Declared:
    with workspace.read() as work:
        return declared_in(work)
