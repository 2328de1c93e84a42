"""One person: a caller's whole profile, why they are not in a segment, and the clock moved by a year."""

from __future__ import annotations

from datetime import timedelta

from demo.cast import NOW, Cast, caller
from demo.segments import SEGMENTS
from demo.teller import GENERATED, Teller
from mimcore.display import Table, age_in_words, percent
from mimcore.quality.card import Card, CardValue
from mimcore.rules.language.catalogue import default_catalogue
from mimcore.store.store import Store

__all__ = ["tell"]

_SEGMENT = "frequent-travellers"


def tell(teller: Teller, store: Store, cast: Cast) -> None:
    """Show one person."""
    pain = "A customer calls, and what is known about them lies in five systems, without a date on anything."
    teller.chapter("One person", pain)
    who = caller(cast)
    teller.code(f'caller = work.contacts.with_phone("{who.phone}")\nstore.card(caller)')
    teller.note(
        f"{GENERATED} The name, address and number belong to nobody: the number is one of those kept free for films."
    )
    with store.read() as work:
        person = work.contacts.with_phone(who.phone)
    card = store.card(person)
    teller.table(_values(card))
    teller.table(_consents(card))
    teller.table(_events(card))
    teller.measure("person.interactions", len(card.interactions))
    teller.measure("person.values", len(card.values))
    email = next(one for one in card.values if one.field == "contact.emails")
    later = next(one for one in store.card(person, now=NOW + timedelta(days=365)).values if one.field == email.field)
    teller.measure("person.email", [email.freshness, later.freshness])
    teller.figure(
        f"{GENERATED} {percent(email.freshness)}", "that the e-mail address is still right", "from its real age"
    )
    teller.figure(f"{GENERATED} {percent(later.freshness)}", "in a year, if nobody asks")
    _why_not(teller, store, person)
    _clock(teller, store)


def _values(card: Card) -> Table:
    rows = [
        (_name(one.field), _marked(_shown(one), one.source), one.source, _age(card, one), percent(one.freshness))
        for one in card.values
    ]
    return Table.of(("field", "value", "source", "seen", "right"), rows, title="Every value with its source and age")


def _name(field: str) -> str:
    catalogue = default_catalogue()
    return (catalogue[field].short if field in catalogue else field.rpartition(".")[2]).replace("_", " ")


def _shown(one: CardValue) -> str:
    value = one.value
    if isinstance(value, tuple):
        return ", ".join(str(getattr(part, "kind", part)) for part in value)
    return str(value)[:10] if one.field.endswith((".at", "birth_date")) else str(value)


def _marked(text: str, source: str) -> str:
    return f"{GENERATED} {text}" if source == "generated" else text


def _age(card: Card, one: CardValue) -> str:
    seen = one.confirmed_at or one.observed_at
    return "nobody knows" if seen is None else age_in_words((card.at - seen).days)


def _consents(card: Card) -> Table:
    rows = [
        (str(one.occurred_at.date()), str(one.channel), one.purpose, str(one.action), str(one.method))
        for one in card.consents
    ]
    return Table.of(("on", "channel", "purpose", "act", "method"), rows, title=f"{GENERATED} Consent")


def _events(card: Card) -> Table:
    rows = [
        (
            str(one.at.date()),
            one.kind.replace("_", " "),
            "" if one.value is None else one.value.format(),
            _marked(one.source, one.source),
        )
        for one in card.interactions
    ]
    return Table.of(("on", "what", "value", "source"), rows, title=f"{GENERATED} What happened")


def _why_not(teller: Teller, store: Store, person: object) -> None:
    teller.section(f"Why not in {_SEGMENT}?")
    found = store.explain(_SEGMENT, person)  # type: ignore[arg-type]
    teller.code(f'store.explain("{_SEGMENT}", caller)')
    teller.tree(found.tree())
    teller.measure("person.why", [part.answer for part in found.parts])


def _clock(teller: Teller, store: Store) -> None:
    teller.section("The clock moved by a year")
    rows = []
    for key, (_, rule) in SEGMENTS.items():
        now, later = (set(store.contacts.ids(rule, now=at)) for at in (NOW, NOW + timedelta(days=365)))
        rows.append((key, len(now), len(later - now), len(now - later), len(later)))
        teller.measure(f"clock.{key}", [len(now), len(later - now), len(now - later), len(later)])
    teller.code("store.contacts.ids(rule, now=today + timedelta(days=365))")
    headings = ("segment", "today", "enter", "leave", "in a year")
    teller.table(Table.of(headings, rows, title=f"{GENERATED} If nothing happens but time"))
