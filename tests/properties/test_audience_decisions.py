"""What an audience decides from a few columns is what the gate decides from whole contacts and whole acts of consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stores import KINDS, SECRET, START, examples, opened, ordered_ids

import mimcore as mim
from mimcore import fields as f
from mimcore.domain.consent import Reason, can_contact, fold_consent, identifier_key
from mimcore.domain.freshness import freshness_at
from mimcore.errors import ConsentError
from mimcore.identity.duplicates import DuplicatePair
from mimcore.testing import FixedClock
from mimcore.values.identifiers import using_ids

DANES = f.contact.country == "DK"
NEWS = {"channel": "email", "purpose": "newsletter"}
MAILS = [f"{letter}@acme.dk" for letter in "abcde"]
people = st.lists(
    st.fixed_dictionaries(
        {
            "mails": st.lists(st.sampled_from(MAILS), max_size=3, unique=True),
            "country": st.sampled_from(["DK", "DK", "DK", "SE"]),
            "age_days": st.sampled_from([1, 900, 4000]),
        }
    ),
    min_size=2,
    max_size=6,
)
acts = st.sampled_from(
    ["give", "give", "give", "prove", "prove", "expiring", "late", "withdraw", "other", "suppress", "bounce"]
    + ["retire", "merge", "archive", "wait"]
)
steps = st.lists(st.tuples(acts, st.integers(0, 99), st.integers(0, 99)), max_size=14)


def filled(store, crowd, moves):
    """Add people, and let things happen to them."""
    made = []
    for one in crowd:
        with store.begin(observed_at=store.now() - timedelta(days=one["age_days"])) as work:
            made += work.add(mim.Contact(name="Ana Berg", emails=one["mails"], country=one["country"]))
    for what, first, second in moves:
        with store.read() as work:
            active = [one for one in work.contacts.get_all([one.id for one in made]) if one.status == "active"]
        if what == "wait":
            store._clock.advance(days=2)
        elif active:
            person, other = active[first % len(active)], active[second % len(active)]
            if what == "merge" and person.id != other.id:
                store.duplicates.plan(DuplicatePair(person.id, other.id, 0.9, ())).apply()
            else:
                happens(store, what, person, second)


def happens(store, what, person, number):
    """Do one thing to a person, or to one of the addresses in use."""
    points = [point for point in person.emails if not point.is_retired]
    with store.begin() as work:
        if what == "archive":
            work.remove(person)
        if not points:
            return
        point, rest = points[number % len(points)], points[:-1]
        form = {**NEWS, "method": "form", "notice": "v"}
        options = {
            "give": {},
            "prove": {"evidence": {"form": "1"}},
            "expiring": {"evidence": {"form": "1"}, "expires_at": store.now() + timedelta(days=1, hours=number % 48)},
            "late": {"evidence": {"form": "1"}, "at": store.now() - timedelta(days=1)},
            "other": {"purpose": "survey"},
        }
        try:
            if what in options:
                work.grant(point, **{**form, **options[what]})
            elif what == "withdraw":
                work.withdraw(point, **NEWS)
            elif what == "suppress":
                work.suppress(point, channel="email" if number % 2 else "sms")
            elif what == "bounce":
                work.refute(point, by="hard_bounce")
            elif what == "retire":
                work.change(person, emails=rest)
        except ConsentError:
            pass  # a refusal stands, and a consent without evidence does not lift it


def expected(store, at, least):
    """Ask about whole contacts, one by one, with whole acts, read without the gate of the store."""
    allowed, excluded = {}, {}
    with store.read() as work:
        for contact in work.contacts.stream(DANES, now=at):
            points = [point for point in contact.emails if not point.is_retired]
            decisions = [decision(work, contact, point, at, least) for point in points]
            good = next((point for point, one in zip(points, decisions, strict=True) if one), None)
            if good is not None:
                allowed[contact.id] = (contact, good)
            else:
                excluded[contact.id] = decisions[0].reasons if points else (Reason.NO_ADDRESS,)
    return allowed, excluded


def decision(work, contact, point, at, least):
    """Ask the one decision about one point."""
    key, kept = identifier_key(SECRET, "email", point.match_key), work.transaction
    whole = [one for one in kept.consents.of_identifier(key) if (one.channel, one.purpose) == ("email", "newsletter")]
    assert fold_consent(whole, at) is None or fold_consent(whole, at) in whole
    (state,) = [one for one in kept.freshness.of([contact.id])[contact.id] if one.subject_id == point.id]
    days = kept.freshness.half_lives()[state.pool]
    return can_contact(
        point,
        purpose_key="newsletter",
        events=whole,
        is_suppressed=any(
            one.identifier == key and one.channel in {None, "email"} for one in kept.consents.suppressions()
        ),
        at=at,
        freshness=None if state.key is None else freshness_at(state.key, at, days),
        least_freshness=least,
    )


@pytest.mark.parametrize("kind", KINDS)
@examples(60)
@given(crowd=people, moves=steps, least=st.sampled_from([0.0, 0.0, 0.4, 0.9]), back=st.integers(0, 3))
def test_narrow_decisions_are_those_of_whole_contacts(tmp_path_factory, kind, crowd, moves, least, back):
    """Recipients, their points, and every reason; now, at an earlier instant, and in the store as it was."""
    with using_ids(ordered_ids()), opened(kind, tmp_path_factory.mktemp("store"), FixedClock(START)) as store:
        filled(store, crowd, moves)
        store._clock.advance(days=3)
        earlier = store.now() - timedelta(days=back)
        for asked, at in ((store, store.now()), (store, earlier), (store.as_of(earlier), earlier)):
            allowed, excluded = expected(asked, at, least)
            audience = asked.audience(DANES, **NEWS, least_freshness=least, now=at)
            assert [(one.contact_id, one.point) for one in audience.recipients] == [
                (who, point) for who, (_, point) in allowed.items()
            ]
            assert [one.contact for one in audience.recipients] == [contact for contact, _ in allowed.values()]
            assert dict(audience.excluded) == excluded
            assert audience.waterfall[0].left == len(allowed) + len(excluded)
            assert audience.waterfall[-1].left == len(allowed) == len(audience)
