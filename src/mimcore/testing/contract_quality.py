"""The contract of data quality: rules and results are kept, contacts counted by value, kinds of interactions told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mimcore.domain.contact import Contact
from mimcore.domain.custom.fields import attribute, declaration_of
from mimcore.domain.interaction import Interaction
from mimcore.domain.quality_rules import Dimension, QualityRule, Severity
from mimcore.domain.vocabularies import RecordStatus
from mimcore.errors import StaleVersionError, StoreError
from mimcore.repositories.ports import Backend
from mimcore.repositories.quality_port import QualityResult, QueueMark
from mimcore.rules.language import nodes
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.testing.contract_setup import NOW, ContractSetup, bound, reading, stored, writing

__all__ = ["QualityContract"]

_DAY = timedelta(days=1)
_clubs = attribute("clubs", kind="tags")
_motto = attribute("motto")


def _result(rule: str, days: int, good: int = 1) -> QualityResult:
    at = NOW + days * _DAY
    return QualityResult(rule, at, Dimension.VALIDITY, 3, good, 2, good == 3, 1.0, Severity.NOTICE)


class QualityContract(ContractSetup):
    """Holds for rules of quality, their results, marks on the queue, and counts by value."""

    def test_rules_of_quality_are_kept_by_version(self, backend: Backend) -> None:
        """One that somebody declared meanwhile is refused; one that is dropped can be declared anew."""
        nested = nodes.Equals(field="contact.demographic.country", value="DK")
        first = QualityRule.vocabulary("b", "contact.tags", ["a", "b"], most_new=2, within=nested, version=1)
        other = QualityRule.unique("a", "email", owner="ana", at_least=0.25, version=1)
        with writing(backend) as work:
            work.quality.put_rule(first)
            work.quality.put_rule(other)
        changed = first.evolve(at_least=0.5, version=2)
        with writing(backend) as work:
            work.quality.put_rule(changed)
            for stale in (changed, first, first.evolve(version=4)):
                with pytest.raises(StaleVersionError, match="'b' was declared in the meantime"):
                    work.quality.put_rule(stale)
        with reading(backend) as work:
            assert work.quality.rules() == [other, changed]
        with writing(backend) as work:
            work.quality.drop_rule("b")
            work.quality.drop_rule("not there")
            assert work.quality.rules() == [other]
            work.quality.put_rule(first)
        with reading(backend) as work:
            assert work.quality.rules() == [other, first]

    def test_results_are_kept_over_time(self, backend: Backend) -> None:
        """All of them, of a rule, of a span; both ends count, and the first result of an instant stays."""
        told = replace(_result("x", 2), owner="ana", note="2 of 3", words={"a b": 1, "ø": 2})
        results = [_result("x", 0), _result("y", 1), told, _result("y", 3)]
        with writing(backend) as work:
            work.quality.lock()
            work.quality.add_results(results[2:])
            work.quality.add_results(results[:2])
            work.quality.add_results([replace(told, good=0), _result("x", 0, good=3)])
            work.quality.add_results([])
        with reading(backend) as work:
            port = work.quality
            assert port.results() == results
            assert port.results(rule="x") == [results[0], told]
            assert port.results(since=NOW + _DAY, until=NOW + 2 * _DAY) == results[1:3]
            assert port.results(rule="y", since=NOW + 2 * _DAY) == [results[3]]
            assert port.results(rule="z") == []

    def test_the_newest_result_of_every_rule(self, backend: Backend) -> None:
        """As of any instant; a rule without one by then is left out."""
        results = [_result("y", 1), _result("x", 2), _result("y", 3)]
        with writing(backend) as work:
            work.quality.add_results(results)
        with reading(backend) as work:
            assert work.quality.latest() == [results[1], results[2]]
            assert work.quality.latest(until=NOW + 2 * _DAY) == [results[1], results[0]]
            assert work.quality.latest(until=NOW + _DAY) == [results[0]]
            assert work.quality.latest(until=NOW) == []

    def test_older_results_are_forgotten(self, backend: Backend) -> None:
        """Those before an instant, and none of the instant itself."""
        results = [_result("x", day) for day in range(4)]
        with writing(backend) as work:
            work.quality.add_results(results)
            assert work.quality.forget_results(NOW + 2 * _DAY) == 2
            assert work.quality.forget_results(NOW + 2 * _DAY) == 0
        with reading(backend) as work:
            assert work.quality.results() == results[2:]

    def test_a_mark_is_replaced(self, backend: Backend) -> None:
        """There is one an item; missing parts stay missing."""
        mark = QueueMark("pair:1:2", None, NOW + _DAY, None, "ana", NOW)
        later = replace(mark, owner="bo", snoozed_until=None, done_at=NOW)
        with writing(backend) as work:
            work.quality.put_mark(mark)
            work.quality.put_mark(replace(mark, item="a"))
        with reading(backend) as work:
            assert work.quality.marks() == [replace(mark, item="a"), mark]
        with writing(backend) as work:
            work.quality.put_mark(later)
        with reading(backend) as work:
            assert work.quality.marks() == [replace(mark, item="a"), later]

    def test_what_was_rolled_back_was_never_there(self, backend: Backend) -> None:
        """Rules, results and marks are part of the transaction; readers cannot write them."""
        work = backend.begin()
        work.quality.put_rule(QualityRule.unique("a", "email", version=1))
        work.quality.add_results([_result("a", 0)])
        work.quality.put_mark(QueueMark("a", None, None, None, "ana", NOW))
        work.rollback()
        with reading(backend) as work:
            assert (work.quality.rules(), work.quality.results(), work.quality.marks()) == ([], [], [])
            with pytest.raises(StoreError):
                work.quality.add_results([_result("a", 0)])

    def test_contacts_are_counted_by_value(self, backend: Backend) -> None:
        """Text folded, codes as they are, None where there is none; those who are not active do not count."""
        people = [
            Contact(country="DK", postal_code="AB 1", version=1),
            Contact(country="DK", postal_code="ab  1", version=1),
            Contact(country="SE", version=1),
            Contact(version=1),
            Contact(country="NO", status=RecordStatus.ARCHIVED, version=1),
        ]
        stored(backend, contacts=people)
        specs = [default_catalogue()[f"contact.{name}"] for name in ("country", "postal_code")]
        with reading(backend) as work:
            assert dict(work.contacts.tally(specs)) == {("DK", "ab 1"): 2, ("SE", None): 1, (None, None): 1}
            where = bound(nodes.Known(field="contact.demographic.country"))
            assert dict(work.contacts.tally(specs[:1], where)) == {("DK",): 2, ("SE",): 1}

    def test_collections_and_custom_attributes_are_counted_by_value(self, backend: Backend) -> None:
        """A collection is one value, an empty one is none."""
        declared = [declaration_of(one).evolve(declared_at=NOW, version=1) for one in (_clubs, _motto)]
        with writing(backend) as work:
            for one in declared:
                work.attributes.put(one)
        people = [
            Contact(tags=["Golf", "Ski"], custom={"clubs": ("Straße",), "motto": "50% 'off'"}, version=1),
            Contact(tags=["golf", "ski"], custom={"clubs": ("STRASSE",)}, version=1),
            Contact(custom={"motto": "50% 'OFF'"}, version=1),
        ]
        stored(backend, contacts=people)
        with reading(backend) as work:
            tags = default_catalogue()["contact.tags"]
            assert dict(work.contacts.tally([tags])) == {(("golf", "ski"),): 2, (None,): 1}
            assert dict(work.contacts.tally([declared[0].spec])) == {(("strasse",),): 2, (None,): 1}
            assert dict(work.contacts.tally([declared[1].spec])) == {("50% 'off'",): 2, (None,): 1}

    def test_kinds_of_interactions_are_told(self, backend: Backend) -> None:
        """Each with the sources that brought it, their number, and the newest."""
        person = Contact(version=1)
        stored(backend, contacts=[person])
        events = [
            Interaction(kind=kind, at=NOW - day * _DAY, contact_id=person.id, source=source)
            for kind, day, source in (("purchase", 3, "shop"), ("purchase", 1, "shop"), ("purchase", 2, "till"))
        ]
        with writing(backend) as work:
            work.interactions.add([*events, Interaction(kind="visit", at=NOW, contact_id=person.id, source="web")])
        with reading(backend) as work:
            assert work.interactions.kinds() == [
                ("purchase", "shop", 2, NOW - _DAY),
                ("purchase", "till", 1, NOW - 2 * _DAY),
                ("visit", "web", 1, NOW),
            ]
