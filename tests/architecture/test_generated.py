"""What `make fields` writes is in the checkout as it would be written today."""

from __future__ import annotations

import inspect
from itertools import pairwise
from pathlib import Path

import pytest
from tools.field_namespaces import HANDLES
from tools.generate_fields import generated

from mimcore.domain import (
    campaign,
    contact,
    fields,
    groups,
    interaction,
    lead,
    segment,
    source,
    task,
)
from mimcore.domain.account import Account
from mimcore.domain.catalogue import catalogue
from mimcore.domain.contact import Contact
from mimcore.domain.declaring.shortcuts import short_names
from mimcore.domain.generated import signatures_entities, signatures_groups
from mimcore.domain.generated.signatures import AccountArguments, AccountChanges, ContactArguments, ContactChanges
from mimcore.domain.namespace import FieldSpace
from mimcore.rules.writing.fields import Field
from mimcore.values.model import FrozenModel

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 350
SPACES = {"contact": fields.contact, "account": fields.account, "event": fields.event}


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """Every generated file as it would be written now."""
    return generated()


def test_generated_files_are_up_to_date(texts: dict[Path, str]) -> None:
    """Nobody edited them, and no declaration changed without `make fields`."""
    stale = [str(path) for path, text in texts.items() if (ROOT / path).read_text(encoding="utf-8") != text]
    assert stale == [], "run: make fields"


def test_generated_files_stay_readable(texts: dict[Path, str]) -> None:
    """Source that grows past 350 lines is split by the generator."""
    assert {
        str(path): len(text.splitlines())
        for path, text in texts.items()
        if path.suffix == ".py" and len(text.splitlines()) > LONGEST
    } == {}


@pytest.mark.parametrize("spec", list(catalogue), ids=lambda spec: spec.name)
def test_every_declared_field_is_reached_by_both_names(spec) -> None:
    """`f.contact.demographic.country` and `f.contact.country` are handles of one field, of the class for its kind."""
    entity, *path = spec.name.split(".")
    full = SPACES[entity]
    for part in path:
        full = getattr(full, part)
    short = getattr(SPACES[entity], spec.short)
    assert full.same_as(short)
    assert full.spec is short.spec is spec
    is_key = spec.kind == "code" and spec.options is None
    assert type(full).__name__ == ("KeyField" if is_key else HANDLES[spec.kind])


def _handles(space: FieldSpace) -> set[str]:
    found = [getattr(space, name) for name in dir(space) if not name.startswith("_")]
    inner = {name for one in found if isinstance(one, FieldSpace) for name in _handles(one)}
    return inner | {one.spec.name for one in found if isinstance(one, Field)}


def test_no_handle_refers_to_something_else() -> None:
    """The namespaces hold the declared fields, those of an account once more for any account, and nothing more."""
    declared = {spec.name for spec in catalogue}
    any_account = {f"any_{name}" for name in declared if name.startswith("account.")}
    assert {name for space in SPACES.values() for name in _handles(space)} == declared | any_account


def test_every_handle_is_documented_in_an_editor(texts: dict[Path, str]) -> None:
    """Each attribute of a generated namespace is followed by the sentence that an editor shows."""
    for path, text in texts.items():
        lines = text.splitlines() if path.name.startswith("fields_") else []
        silent = [
            line
            for line, after in pairwise(lines)
            if "Final = " in line and '"""' not in after and not line.endswith("(")
        ]
        assert silent == []


@pytest.mark.parametrize(("model", "arguments"), [(Contact, ContactArguments), (Account, AccountArguments)])
def test_typed_arguments_are_those_that_the_constructor_takes(model, arguments) -> None:
    """Every field and every short name, and no other."""
    extra = {"acquired", "account"} if model is Contact else set()
    assert set(arguments.__annotations__) == {*model.model_fields, *short_names(model), *extra}
    assert not arguments.__required_keys__


TYPED = {
    name.removesuffix("Arguments"): arguments
    for module in (signatures_groups, signatures_entities)
    for name, arguments in vars(module).items()
    if name.endswith("Arguments")
}
MODELS = {
    name: model
    for module in (campaign, contact, groups, interaction, lead, segment, source, task)
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, FrozenModel) and model.__module__ == module.__name__
}


@pytest.mark.parametrize("name", sorted(MODELS.keys() - {"Contact"}))
def test_typed_arguments_of_the_other_models(name: str) -> None:
    """Groups, records and the other entities: every field, and the required ones are required."""
    declared = MODELS[name].model_fields
    arguments = dict(TYPED[name].__annotations__)
    assert set(arguments) == set(declared)
    required = {one for one, accepted in arguments.items() if "Required[" in str(accepted)}
    assert required == {one for one, info in declared.items() if info.is_required()}


@pytest.mark.parametrize(
    ("changes", "arguments"), [(ContactChanges, ContactArguments), (AccountChanges, AccountArguments)]
)
def test_changes_take_provenance_too(changes, arguments) -> None:
    """`work.change` takes the same as the constructor, and where and when it was seen."""
    assert set(changes.__annotations__) - set(arguments.__annotations__) == {"source", "observed_at"}
    assert inspect.getdoc(changes)
