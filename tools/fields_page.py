"""The documentation page of all fields and vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tools.declarations import NOTICE, all_specs, group_docs, grouped, vocabularies

if TYPE_CHECKING:
    from mimcore.rules.language.catalogue import FieldSpec

_TABLE = """
| field | short name | kind | vocabulary | half-life pool | marks | meaning |
|---|---|---|---|---|---|---|
"""
_RECORD_TABLE = """
Each record of `{short}`, as in `f.{entity}.{short}.any(…)`:

| part | kind | vocabulary | meaning |
|---|---|---|---|
"""
_STANDARDS: Mapping[str, str] = {
    "country": "ISO 3166-1 alpha-2 codes, such as `DK`.",
    "language": "ISO 639-1 codes, such as `da`.",
    "zone": "IANA time zone names, such as `Europe/Copenhagen`.",
    "domain": "Internet domain names without scheme and `www.`, such as `acme.dk`.",
    "key": "Keys: 1-80 characters of a-z, 0-9, `.`, `-` and `_`.",
}


def _link(vocabulary: str) -> str:
    return f"[{vocabulary}](#{vocabulary.lower()})" if vocabulary else ""


def _row(spec: FieldSpec) -> str:
    name = spec.name.removeprefix(f"{spec.entity}.")
    vocabulary = _link(spec.vocabulary)
    special = ("special category", spec.is_special_category)
    marks = [("personal", spec.is_personal), special, ("derived", spec.is_derived)]
    pool = "" if spec.pool == "permanent" else spec.pool
    cells = [f"`{name}`", f"`{spec.short}`", str(spec.kind), vocabulary, pool, ", ".join(n for n, on in marks if on)]
    return "| " + " | ".join([*cells, spec.description]) + " |\n"


def _record_rows(specs: Iterable[FieldSpec]) -> Iterator[str]:
    for spec in specs:
        if spec.record_fields:
            yield _RECORD_TABLE.format(short=spec.short, entity=spec.entity)
            for part in spec.record_fields:
                yield f"| `{part.short}` | {part.kind} | {_link(part.vocabulary)} | {part.description} |\n"


def page(catalogue: Any) -> str:
    """Write the page: a table per group, then the vocabularies."""
    text = [f"<!-- {NOTICE} -->\n\n# Fields\n\n", _INTRODUCTION]
    for entity in ("contact", "account", "event"):
        docs = group_docs(catalogue, entity)
        text.append(f"\n## `f.{entity}`\n")
        for group, specs in grouped(catalogue.catalogue.of(entity)).items():
            text.append(f"\n### {entity}.{group}\n\n{docs[group]}\n" if group else "")
            text += [_TABLE, *(_row(spec) for spec in specs), *_record_rows(specs)]
    text.append("\n## Vocabularies\n")
    for name in sorted({spec.vocabulary for spec in all_specs(catalogue)} - {""}, key=str.lower):
        text.append(f"\n### {name}\n\n{_options(catalogue, name)}\n")
    return "".join(text)


def _options(catalogue: Any, name: str) -> str:
    if name == "event_kind":
        kinds = ", ".join(f"`{kind}`" for kind in sorted(catalogue.EVENT_KINDS))
        return f"Kinds of events that every store knows; a store may declare more: {kinds}."
    vocabulary = vocabularies(catalogue).get(name)
    if vocabulary is None:
        return _STANDARDS[name]
    return f"{vocabulary.__doc__} " + ", ".join(f"`{option.value}`" for option in vocabulary) + "."


_INTRODUCTION = """Every attribute is declared once, in `mimcore.domain`. From that declaration come the typed fields of
rules (`from mimcore import fields as f`), the arguments of `Contact(...)` and `Account(...)`, the columns, the names in
data frames, and this page.

A field has a full name (`f.contact.demographic.country`) and a short one that is unique within its entity
(`f.contact.country`, `Contact(country="DK")`, column `country`); both are the same field. The *half-life pool* says how
fast values get old; a field without one does not. *Personal* values are masked wherever an object is printed, *special
category* values stay closed until a lawful basis opens them, *derived* fields are computed and cannot be set.

The parts of a name are the one exception: they are columns and fields, but a contact is given its name as a whole,
`Contact(name="Ana Berg")` or `Contact(name=mim.PersonName(given="Ana", family="Berg"))`, and one part is changed by
`work.change(ana, name=ana.name.evolve(given="Zoe"))`.
"""
