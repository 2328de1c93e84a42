"""The typed fields: `f.contact.country`, one class per group, split into files that stay readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.declarations import DOMAIN, GENERATED, Names, docstring, group_docs, grouped, header, listed_names

if TYPE_CHECKING:
    from mimcore.rules.language.catalogue import FieldSpec

HANDLES: Mapping[str, str] = {
    "text": "TextField",
    "code": "CodeField",
    "boolean": "BooleanField",
    "integer": "IntegerField",
    "number": "NumberField",
    "money": "MoneyField",
    "date": "DateField",
    "instant": "InstantField",
    "age": "AgeField",
    "location": "LocationField",
    "tags": "TagsField",
    "codes": "CodesField",
    "records": "RecordsField",
}


KEY = "KeyField"
"""A code without a vocabulary."""


def _details(spec: FieldSpec) -> tuple[str, ...]:
    """Say what an editor should show beside a field, after its description."""
    options = sorted(spec.options or ())
    listed = ", ".join(options) if len(options) <= 25 else spec.vocabulary  # more is no help
    records = ", ".join(inner.short for inner in spec.record_fields)
    marks = "Special category." if spec.is_special_category else "Personal." if spec.is_personal else ""
    return (f"One of: {listed}." if listed else "", f"Records of: {records}." if records else "", marks)


def _space_name(entity: str, group: str = "") -> str:
    return f"{entity.title().replace('_', '')}{group.title().replace('_', '')}Fields"


def _handle(spec: FieldSpec) -> str:
    is_key = spec.kind == "code" and spec.options is None
    return f'{KEY if is_key else HANDLES[spec.kind]}(catalogue["{spec.name}"])'


def _attribute(name: str, value: str, spec: FieldSpec, *more: str) -> str:
    return f"    {name}: Final = {value}\n{docstring(spec.description, *_details(spec), *more)}\n\n"


def _group_class(entity: str, group: str, specs: Iterable[FieldSpec], doc: str) -> str:
    body = "".join(_attribute(Names.of(spec).name, _handle(spec), spec) for spec in specs)
    path = f'    path: ClassVar[str] = "{entity}.{group}"\n\n'
    return f"class {_space_name(entity, group)}(FieldSpace):\n{docstring(doc)}\n\n{path}{body}\n"


def _entity_class(
    entity: str, parent: str, groups: Mapping[str, list[FieldSpec]], doc: str, docs: Mapping[str, str]
) -> str:
    lines = [f'class {_space_name(entity)}({parent}):\n{docstring(doc)}\n\n    path: ClassVar[str] = "{entity}"\n\n']
    inner = filter(None, groups)
    lines += [f"    {group}: Final = {_space_name(entity, group)}()\n{docstring(docs[group])}\n\n" for group in inner]
    if entity == "contact":
        for name, said in _ACCOUNTS.items():
            lines.append(f"    {name}: Final = {name}\n{docstring(said)}\n\n")
    taken = {*groups, *_ACCOUNTS} if entity == "contact" else {*groups}
    for group, specs in groups.items():
        for spec in specs:
            lines += _short(entity, group, spec, taken)
    return "".join(lines)


def _short(entity: str, group: str, spec: FieldSpec, taken: set[str]) -> Iterator[str]:
    """Yield the field under its own name (outside groups) and under its short name."""
    own = Names.of(spec).name
    where = f"{_space_name(entity, group)}.{own}" if group else _handle(spec)
    for name in dict.fromkeys([own, spec.short] if not group else [spec.short]):
        if name in taken:
            raise SystemExit(f"{spec.name}: the short name {name} of {entity} is taken")
        taken.add(name)
        yield _attribute(
            name, where if group or name == own else own, spec, f"Short for `{spec.name}`." if group else ""
        )


def _imports(body: str, extra: str = "") -> str:
    handles = ", ".join(sorted(handle for handle in (*HANDLES.values(), KEY) if f"= {handle}(" in body))
    spaces = ", ".join(one for one in ("ContactSpace", "FieldSpace") if f"({one})" in body)
    parts = [f"from typing import {'ClassVar, ' * ('ClassVar' in body)}Final\n"]
    parts += ["from mimcore.domain.catalogue import catalogue"] * ("catalogue[" in body)
    parts += [extra] * bool(extra)
    parts += [f"from mimcore.domain.namespace import {spaces}"] * bool(spaces)
    parts += [f"from mimcore.rules.writing.fields import {handles}"] * bool(handles)
    return "\n".join(parts) + "\n"


_ACCOUNTS = {
    "account": "The fields of the contact's primary account.",
    "any_account": "The fields of any account the contact is linked to; each condition may hold for another one.",
}


def _specs(catalogue: Any, entity: str) -> Iterable[FieldSpec]:
    """Return the fields of an entity; those of any account are an account's under another name."""
    if entity != "any_account":
        specs: Iterable[FieldSpec] = catalogue.catalogue.of(entity)
        return specs
    return [catalogue.catalogue[f"any_{spec.name}"] for spec in catalogue.catalogue.of("account")]


def namespace_files(catalogue: Any) -> Iterator[tuple[Path, str]]:
    """Yield path and text of the files with the typed fields."""
    docs = {
        "contact": "Everything a rule may ask of a contact.",
        "account": "Everything a rule may ask of an account.",
        "any_account": "Everything a rule may ask of any of a contact's accounts, each condition by itself.",
        "event": "Everything a rule may ask of one event.",
    }
    for entity, doc in docs.items():
        groups = grouped(_specs(catalogue, entity))
        said = group_docs(catalogue, entity)
        inner = "".join(_group_class(entity, group, specs, said[group]) for group, specs in groups.items() if group)
        parent = "ContactSpace" if entity == "contact" else "FieldSpace"
        outer = _entity_class(entity, parent, groups, doc, said)
        names = [_space_name(entity, group) for group in groups if group]
        if entity == "contact":
            title = header("The fields of a contact, by group.")
            yield GENERATED / "fields_contact_groups.py", title + _imports(inner) + listed_names(*names) + inner
            extra = (
                "from mimcore.domain.generated.fields_account import account\n"
                "from mimcore.domain.generated.fields_any_account import any_account\n"
                "from mimcore.domain.generated.fields_contact_groups import "
            )
            inner, names, more = "", [], extra + ", ".join(names)
        else:
            more = ""
        body = f"{inner}{outer}\n{entity}: Final = {_space_name(entity)}()\n{docstring(doc, spaces=0)}\n"
        title = header(f"The fields of {_shown(entity)}.")
        yield (
            GENERATED / f"fields_{entity}.py",
            title + _imports(body, more) + listed_names(*names, _space_name(entity), entity) + body,
        )
    yield DOMAIN / "fields.py", _front()


def _shown(entity: str) -> str:
    if entity == "any_account":
        return "any account of a contact: `f.contact.any_account`"
    return f"{'an' if entity[0] in 'ae' else 'a'} {entity}: `f.{entity}`"


_EXAMPLE = """
Examples:
    >>> from mimcore import fields as f
    >>> f.contact.country.same_as(f.contact.demographic.country)
    True
"""


_REFUSING = '''
if not TYPE_CHECKING:  # a checker that saw this would accept every name

    def __getattr__(name: str) -> NoReturn:
        """Refuse what is neither an entity nor, written without one, its field."""
        if name.startswith("_"):
            raise AttributeError(name)
        hint = f": write f.contact.{name}" if hasattr(type(contact), name) else meant(name, __all__)
        raise UnknownAttributeError(f"the fields have no '{shown(name)}'{hint or ': f.contact, f.account, f.event'}")
'''


def _front() -> str:
    lines = [
        f"from mimcore.domain.generated.fields_{entity} import {entity}" for entity in ("account", "contact", "event")
    ]
    title = "All fields that rules may mention: `f.contact.country`, `f.account.employees`, `f.event.value`."
    imports = [
        "from typing import TYPE_CHECKING, NoReturn\n",
        *lines,
        "from mimcore.errors import UnknownAttributeError",
        "from mimcore.values.unknown_names import meant, shown",
    ]
    return header(title, _EXAMPLE) + "\n".join(imports) + '\n\n__all__ = ["account", "contact", "event"]\n' + _REFUSING
