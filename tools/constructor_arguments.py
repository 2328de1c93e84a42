"""What constructors take, for type checkers: one TypedDict per model, read from the models' own annotations."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from tools.declarations import GENERATED, Names, docstring, group_docs, groups_of, header

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

PLAIN: Mapping[type, str] = {
    str: "str",
    bool: "bool",
    int: "int",
    float: "float",
    datetime: "datetime | str",
    date: "date | str",
    UUID: "Entity | UUID | str",
}
READ: Mapping[str, str] = {
    "id": "UUID | str",
    "name": "str | PersonName | Mapping[str, object] | None",
    "emails": "str | EmailAddress | EmailPoint | Sequence[str | EmailAddress | EmailPoint] | None",
    "phones": "str | PhoneNumber | PhonePoint | Sequence[str | PhoneNumber | PhonePoint] | None",
    "external_ids": "Mapping[str, str | Clear] | Sequence[ExternalId | tuple[str, str]]",
    "custom": "Mapping[str, CustomInput | Clear]",
    "location": "Location | str | tuple[float, float] | Mapping[str, float] | None",
    "properties": "Mapping[str, bool | int | float | str | None]",
    "runs": "Period | tuple[date | str, date | str] | None",
}
"""What is read from other forms than its own type."""

_IMPORTS = """from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Required, TypeAlias, TypedDict
from uuid import UUID
"""
_TYPES = """
if TYPE_CHECKING:
    from mimcore.domain.campaign import Period
    from mimcore.domain.contact import AccountLink
    from mimcore.domain.declaring.entity import Clear, Entity
    from mimcore.domain.external_ids import ExternalId
    from mimcore.domain.groups import {groups}
    from mimcore.domain.lead import LeadStep
    from mimcore.domain.points import EmailPoint, PhonePoint
    from mimcore.domain.generated.signatures_inputs import CustomInput, Words, {inputs}
    from mimcore.rules.language.nodes import Rule
    from mimcore.values.email import EmailAddress
    from mimcore.values.location import Location
    from mimcore.values.money import Money
    from mimcore.values.names import PersonName
    from mimcore.values.phone import PhoneNumber
"""
_INPUTS = """
Words: TypeAlias = str | Sequence[str] | AbstractSet[str]
CustomInput: TypeAlias = bool | int | float | str | date | datetime | Sequence[str] | AbstractSet[str] | None
"""
_CHANGES = '''

class {name}Changes({name}Arguments, total=False):
    """What `work.change` takes for {article} {entity}: new values, and where and when they were seen."""

    source: str
    """Key of the source; the unit of work's own unless given."""
    observed_at: date | datetime | str
    """When the values were right; a date means the end of that day in the store's zone."""
'''


def accepted(name: str, annotation: Any) -> str:
    """Return what a constructor accepts for an annotation, as text of an annotation."""
    if name in READ and (name != "name" or "PersonName" in str(annotation)):
        return READ[name]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        known = [accepted(name, part) for part in parts if part is not type(None)]
        return " | ".join(dict.fromkeys([*known, *(["None"] if type(None) in parts else [])]))
    if origin is Annotated:
        return accepted(name, parts[0])
    if origin is tuple:
        return _many(name, parts[0])
    if issubclass(annotation, StrEnum):
        return f"{annotation.__name__}Input"
    if annotation in PLAIN:
        return PLAIN[annotation]
    if getattr(annotation, "__pydantic_generic_metadata__", None) is None and origin is not None:
        return f"Mapping[str, {accepted(name, parts[0])}]"
    return f"{annotation.__name__}"


def _many(name: str, part: Any) -> str:
    inner = accepted(name, part)
    if part is str:
        return "Words | None"
    if inner.endswith("Input"):
        return f"{inner} | Sequence[{inner}] | AbstractSet[{inner}] | None"
    if not isinstance(part, type):
        return f"Sequence[{inner}]"
    return f"{inner} | Sequence[{inner} | Mapping[str, object]] | None"


def _line(name: str, types_: str, said: str = "", *, clear: bool = False, required: bool = False) -> str:
    """Write one key; `None` stands last."""
    parts = _alternatives(types_) + ["Clear"] * clear
    text = " | ".join(sorted(parts, key=lambda part: part == "None"))
    text = f"Required[{text}]" if required else text
    return f"    {name}: {text}\n" + (docstring(said) + "\n" if said else "")


def _alternatives(union: str) -> list[str]:
    """Split `a | b[c | d]` into `a` and `b[c | d]`."""
    parts: list[str] = []
    for piece in union.split(" | "):
        if parts and parts[-1].count("[") > parts[-1].count("]"):
            parts[-1] += f" | {piece}"
        else:
            parts.append(piece)
    return parts


def _said(info: FieldInfo) -> str:
    return next((part.description for part in info.metadata if hasattr(part, "description") and part.description), "")


def _keys(model: type[BaseModel], *, clear: bool = False, groups: Mapping[str, str] | None = None) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if groups and name in groups:
            kind = f"{getattr(info.annotation, '__name__', '')} | Mapping[str, object]"
            yield _line(name, kind, groups[name], clear=clear)
        else:
            required = info.is_required() and not clear
            yield _line(name, accepted(name, info.annotation), _said(info), clear=clear, required=required)


def _typed(model: type[BaseModel], keys: Iterable[str], said: str) -> str:
    return f"\n\nclass {model.__name__}Arguments(TypedDict, total=False):\n{docstring(said)}\n\n" + "".join(keys)


def _aggregate(catalogue: Any, entity: str) -> str:
    """Write the arguments of a contact or account: its fields, and the short names of its groups' fields."""
    model = {"contact": catalogue.Contact, "account": catalogue.Account}[entity]
    groups, said = dict(groups_of(catalogue, model)), group_docs(catalogue, entity)
    keys = list(_keys(model, clear=True, groups={name: said[name] for name in groups}))
    if entity == "contact":
        keys.append(_line("acquired", "Acquisition | Mapping[str, object]", "The same as `acquisition`.", clear=True))
        keys.append(_line("account", "Entity | UUID | str | None", "The primary account.", clear=True))
    for spec in catalogue.catalogue.of(entity):
        names = Names.of(spec)
        if names.group in groups and not spec.is_derived and spec.short not in model.model_fields:
            annotation = groups[names.group].model_fields[names.name].annotation
            keys.append(_line(spec.short, accepted(spec.short, annotation), spec.description, clear=True))
    article = "an" if entity[0] in "ae" else "a"
    text = _typed(model, keys, f"Every field of {article} {entity} and every short name, with what is accepted for it.")
    return text + _CHANGES.format(name=model.__name__, entity=entity, article=article)


def _plain(models: Iterable[type[BaseModel]]) -> str:
    return "".join(_typed(model, _keys(model), f"What `{model.__name__}(...)` takes.") for model in models)


def _vocabularies(models: Iterable[type[BaseModel]]) -> dict[str, type[StrEnum]]:
    found: dict[str, type[StrEnum]] = {}
    queue = [info.annotation for model in models for info in model.model_fields.values()]
    while queue:
        one: Any = queue.pop(0)
        queue += list(get_args(one))
        if isinstance(one, type) and issubclass(one, StrEnum):
            found[one.__name__] = one
    return dict(sorted(found.items()))


def _aliases(vocabularies: Mapping[str, type[StrEnum]]) -> str:
    text = header("Codes as constructors take them: the vocabulary, or its words.") + _IMPORTS
    text += "".join(f"from {options.__module__} import {name}\n" for name, options in vocabularies.items()) + _INPUTS
    for name, options in vocabularies.items():
        words = ", ".join(f'"{option.value}"' for option in options)
        text += f"{name}Input: TypeAlias = {name} | Literal[{words}]\n"
    return text


def argument_files(catalogue: Any) -> Iterator[tuple[Path, str]]:
    """Yield path and text of the files with the constructors' arguments."""
    from mimcore.domain import campaign, groups, interaction, lead, segment, source, task
    from mimcore.domain.contact import AccountLink

    inside = [getattr(groups, name) for name in groups.__all__] + [AccountLink]
    others = [
        lead.Lead,
        lead.LeadStep,
        segment.Segment,
        source.Source,
        campaign.Campaign,
        campaign.Period,
        task.Task,
        interaction.Interaction,
    ]
    vocabularies = _vocabularies([catalogue.Contact, catalogue.Account, *inside, *others])
    named = ", ".join(name for name in groups.__all__)
    front = _IMPORTS + _TYPES.format(groups=named, inputs=", ".join(f"{name}Input" for name in vocabularies))
    yield GENERATED / "signatures_inputs.py", _aliases(vocabularies)
    title = header("What the attribute groups and their records take, for type checkers.")
    yield GENERATED / "signatures_groups.py", title + front + _plain(inside)
    title = header("What leads, segments, sources, campaigns, tasks and interactions take, for type checkers.")
    yield GENERATED / "signatures_entities.py", title + front + _plain(others)
    title = header("What `Contact(...)`, `Account(...)`, `evolve(...)` and `work.change(...)` take, for type checkers.")
    body = _aggregate(catalogue, "contact") + _aggregate(catalogue, "account")
    yield GENERATED / "signatures.py", title + front + body
