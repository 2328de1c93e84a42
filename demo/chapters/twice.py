"""The same person twice: duplicates found against those that were injected; one merged, and taken back."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from demo.files import Files
from demo.teller import GENERATED, Teller
from mimcore import Contact
from mimcore.display import Table, count, percent
from mimcore.store.store import Store

__all__ = ["tell"]

_WHAT = {
    "title": "another title (Mrs, Mrs., Fru)",
    "capitals": "all in capitals",
    "phone": "another address, same number",
    "initial": "first name as an initial",
    "misspelt": "family name misspelt",
    "address": "same street, other address",
    "moved": "moved, with a new address",
}


def tell(teller: Teller, store: Store, files: Files) -> None:
    """Find duplicates, and merge a pair for a moment."""
    teller.chapter("The same person twice", "One customer, three records: three mailings, three half truths.")
    pairs = store.duplicates.find()
    sure = [pair for pair in pairs if pair.is_automatic]
    numbers = {person.id: person.external_ids[0].value for person in store.contacts.stream()}
    truth = {frozenset((copy.number, copy.of)) for copy in files.copies}
    found = {frozenset((numbers[pair.first_id], numbers[pair.second_id])) for pair in sure}
    proposed = {frozenset((numbers[pair.first_id], numbers[pair.second_id])) for pair in pairs}
    hits = found & truth
    teller.measure("duplicates.sure", len(found))
    teller.measure("duplicates.right", len(hits))
    teller.measure("duplicates.known", len(truth))
    teller.code("pairs = store.duplicates.find()\nsure = [pair for pair in pairs if pair.is_automatic]")
    teller.figure(
        f"{GENERATED} {_share(hits, found)}", "precision: so many of the sure pairs are right", _of(hits, found)
    )
    teller.figure(
        f"{GENERATED} {_share(hits, truth)}",
        "recall: so many of the injected pairs are found for sure",
        _of(hits, truth),
    )
    seen = proposed & truth
    teller.figure(f"{GENERATED} {_share(seen, truth)}", "are found for sure, or proposed for a look", _of(seen, truth))
    teller.measure("duplicates.proposed", len(seen))
    teller.table(_by_kind(files, found, proposed))
    teller.note(
        "Exact keys never merge on a guess: a misspelt name is proposed for a look, somebody who moved is not found."
    )
    _merged(teller, store)


def _share(part: AbstractSet[object], whole: AbstractSet[object]) -> str:
    return percent(len(part) / len(whole) if whole else None)


def _of(part: AbstractSet[object], whole: AbstractSet[object]) -> str:
    return f"{count(len(part))} of {count(len(whole))}"


def _by_kind(files: Files, found: set[frozenset[str]], proposed: set[frozenset[str]]) -> Table:
    rows = []
    for kind, words in _WHAT.items():
        pairs = [frozenset((copy.number, copy.of)) for copy in files.copies if copy.kind == kind]
        rows.append(
            (words, len(pairs), sum(pair in found for pair in pairs), sum(pair in proposed - found for pair in pairs))
        )
    return Table.of(
        ("the copy has", "pairs", "found", "proposed"), rows, title=f"{GENERATED} What was injected, what was found"
    )


def _merged(teller: Teller, store: Store) -> None:
    before = store.contacts.count()
    pair = store.duplicates.find(limit=1)[0]
    people = [store.contacts.get(one) for one in (pair.first_id, pair.second_id)]
    merge = store.duplicates.plan(pair).apply()
    during = store.contacts.count()
    store.merges.undo(merge.id)
    after = [store.contacts.get(one.id) for one in people]
    teller.code("merge = store.duplicates.plan(pair).apply()\nstore.merges.undo(merge.id)")
    teller.measure("merge.counts", [during - before, store.contacts.count() - before])
    teller.measure("merge.restored", _unversioned(after) == _unversioned(people))
    teller.say("One pair merged into one profile, and taken back: both records stand again as they were.")


def _unversioned(people: list[Contact]) -> list[Contact]:
    return [one.model_copy(update={"version": 0}) for one in people]
