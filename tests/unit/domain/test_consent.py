"""Consent: the fold over acts in any order, keyed hashes of identifiers, the gate and its reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.stores import examples

from mimcore.domain.consent import (
    ConsentAction,
    ConsentEvent,
    ConsentMethod,
    LawfulBasis,
    Reason,
    can_contact,
    fold_consent,
    identifier_key,
    key_fingerprint,
    purpose,
)
from mimcore.domain.points import EmailPoint, PhonePoint, PointState
from mimcore.errors import InvalidValueError

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = b"0123456789abcdef"
PROOF = {"form": "entry 7"}


def day(n):
    """The so many-th day."""
    return T0 + timedelta(days=n)


def act(action, on, **details):
    """An act on a day, as a form would bring it; a consent shows a notice."""
    details = {"method": "form", "notice": "v1" if action == "given" else None, **details}
    return ConsentEvent(
        action=action, occurred_at=day(on), recorded_at=day(details.pop("recorded", on)), channel="email",
        identifier="x", identifier_key_id="k", purpose="newsletter", source="s", actor="a", **details,
    )  # fmt: skip


def state(events, on=100):
    """The action that decides on a day."""
    decided = fold_consent(events, day(on))
    return None if decided is None else decided.action.value


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], None),
        ([act("given", 1)], "given"),
        ([act("given", 1), act("confirmed", 2)], "confirmed"),
        ([act("given", 1), act("withdrawn", 2)], "withdrawn"),
        ([act("withdrawn", 1), act("given", 2)], "withdrawn"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF)], "given"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF, method="import")], "withdrawn"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF, import_id=uuid4())], "withdrawn"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF, basis="legitimate_interest")], "withdrawn"),
        ([act("withdrawn", 1), act("confirmed", 2, evidence=PROOF)], "withdrawn"),
        ([act("objected", 1), act("given", 2, method="import")], "objected"),
        ([act("refused", 1), act("given", 2, method="import")], "refused"),
        ([act("given", 1), act("expired", 2)], None),
        ([act("given", 1), act("expired", 2), act("given", 3, method="import")], "given"),
        ([act("withdrawn", 1), act("expired", 2)], "withdrawn"),
        ([act("withdrawn", 1), act("expired", 2), act("given", 3, method="import")], "withdrawn"),
        ([act("given", 1, expires_at=day(50))], None),
        ([act("given", 1, expires_at=day(101))], "given"),
        ([act("given", 1), act("given", 2, expires_at=day(50))], None),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF, expires_at=day(50))], "withdrawn"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF, expires_at=day(50)), act("given", 60, method="import")],
         "withdrawn"),
        ([act("given", 5), act("withdrawn", 5)], "withdrawn"),
        ([act("given", 5, evidence=PROOF, recorded=9), act("objected", 5)], "objected"),
        ([act("withdrawn", 1), act("given", 2, evidence=PROOF), act("withdrawn", 3), act("given", 4)], "withdrawn"),
    ],
)  # fmt: skip
def test_the_fold_by_hand(events, expected):
    """What decides on day 100, whatever the order in which the acts arrive."""
    assert {state(order) for order in permutations(events)} == {expected}


def test_later_acts_are_not_seen():
    """The state at any past instant is reproducible: what happened later does not reach back."""
    events = [act("given", 1), act("withdrawn", 10, recorded=90)]
    assert (state(events, 9), state(events, 10)) == ("given", "withdrawn")


def test_expiry_is_exact():
    """A consent ends at its instant, not after it."""
    events = [act("given", 1, expires_at=day(50))]
    assert fold_consent(events, day(50) - timedelta(microseconds=1)) is events[0]
    assert fold_consent(events, day(50)) is None


acts = st.builds(
    act,
    st.sampled_from(["given", "confirmed", "refused", "withdrawn", "objected", "expired"]),
    st.integers(0, 6),
    recorded=st.integers(0, 9),
    method=st.sampled_from(["form", "import", "paper"]),
    notice=st.just("v1"),
    evidence=st.sampled_from([{}, PROOF]),
    expires_at=st.sampled_from([None, day(8), day(200)]),
    import_id=st.sampled_from([None, uuid4()]),
)


@examples(100)
@given(events=st.lists(acts, max_size=7), shuffle=st.randoms(use_true_random=False), on=st.integers(0, 210))
def test_the_order_of_arrival_does_not_matter(events, shuffle, on):
    """The fold is a function of the set of acts."""
    shuffled = events.copy()
    shuffle.shuffle(shuffled)
    assert fold_consent(events, day(on)) is fold_consent(shuffled, day(on))


@examples(100)
@given(events=st.lists(acts, max_size=7), imported=st.lists(acts, max_size=4), on=st.integers(0, 210))
def test_imports_only_ever_restrict_after_a_refusal(events, imported, on):
    """Adding imported acts to a history that ends in a refusal never permits contact."""
    brought = [one.evolve(method="import", occurred_at=one.occurred_at, id=uuid4()) for one in imported]
    before, after = fold_consent(events, day(on)), fold_consent([*events, *brought], day(on))
    assume(before is not None and before.is_refusal)
    assert after is not None
    assert after.is_refusal


@examples(100)
@given(events=st.lists(acts, max_size=7), on=st.integers(0, 210))
def test_a_withdrawal_takes_effect_at_once(events, on):
    """Whatever came before, and even at the same instant, a withdrawal decides."""
    stopped = act("withdrawn", on)
    decided = fold_consent([*(one for one in events if one.occurred_at <= day(on)), stopped], day(on))
    assert decided is not None
    assert decided.is_refusal


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"notice": None}, "notice"),
        ({"method": "web form"}, "method"),
        ({"method": "Import"}, "method"),
        ({"purpose": "news letter"}, "purpose"),
        ({"expires_at": day(1)}, "expires_at"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_proves_nothing_is_refused(details, field):
    """A given consent shows a notice, by a declared method, for a declared purpose, and does not end before it begins."""
    base = act("given", 1)
    with pytest.raises(InvalidValueError) as caught:
        base.evolve(**details)
    assert caught.value.field in {field, "ConsentEvent"}
    assert field in str(caught.value)


def test_misspelt_purposes_get_a_hint():
    """A purpose that nobody declared is an error with the nearest name."""
    with pytest.raises(InvalidValueError, match="did you mean 'newsletter'"):
        purpose("newslettr")


SPELLINGS = [
    "ana.berg@gmail.com",
    "Ana.Berg@Gmail.COM",
    "anaberg@googlemail.com",
    "ana.berg+shop@gmail.com",
    "  a.n.a.berg@gmail.com ",
]


def test_five_spellings_have_one_identifier():
    """What the provider ignores does not make another identifier."""
    assert len({identifier_key(SECRET, "email", EmailPoint(email=one).match_key) for one in SPELLINGS}) == 1
    spoken = ["+45 32 12 34 56", "+4532123456", "+45 3212 3456", "+45-32-12-34-56", "+45 (32) 123456"]
    assert len({identifier_key(SECRET, "phone", PhonePoint(phone=one).match_key) for one in spoken}) == 1


def test_the_hash_needs_the_key_and_knows_the_kind():
    """Another key or another kind of point gives another hash; nothing of the address shows."""
    hashes = {identifier_key(key, kind, "x@y.dk") for key in (SECRET, SECRET + b"!") for kind in ("email", "phone")}
    assert len(hashes) == 4
    assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in hashes)
    assert key_fingerprint(SECRET) != key_fingerprint(SECRET + b"!")
    assert len(key_fingerprint(SECRET)) == 16
    assert key_fingerprint(SECRET) not in identifier_key(SECRET, "email", "x@y.dk")


def decide(events=(), point=None, *, purpose_key="newsletter", **more):
    """Ask the gate on day 100."""
    chosen = EmailPoint(email="ana@acme.dk") if point is None else point
    return can_contact(
        chosen, purpose_key=purpose_key, events=events, is_suppressed=more.pop("s", False), at=day(100), **more
    )


def test_the_gate_gives_every_reason_in_order():
    """Withdrawn, suppressed, bounced and stale at once: all of them are told."""
    point = EmailPoint(email="ana@acme.dk", state=PointState.BOUNCED)
    decision = decide([act("withdrawn", 1)], point, s=True, freshness=0.1, least_freshness=0.5)
    assert decision.reasons == (Reason.WITHDRAWN, Reason.SUPPRESSED, Reason.UNDELIVERABLE, Reason.STALE)
    assert not decision
    assert sorted(decision.reasons, key=list(Reason).index) == list(decision.reasons)


@pytest.mark.parametrize(
    ("ask", "reasons"),
    [
        (decide, ("no_consent",)),
        (lambda: decide([act("expired", 1)]), ("no_consent",)),
        (lambda: decide([act("given", 1)]), ()),
        (lambda: decide([act("given", 1)], EmailPoint(email="a@b.dk", is_retired=True)), ("no_address",)),
        (lambda: can_contact(None, purpose_key="newsletter", events=[], is_suppressed=False, at=T0), ("no_address",)),
        (lambda: decide(purpose_key="service"), ()),
        (lambda: decide([act("objected", 1).evolve(purpose="service")], purpose_key="service"), ("withdrawn",)),
        (lambda: decide(purpose_key="service", s=True), ("suppressed",)),
        (lambda: decide([act("given", 1)], EmailPoint(email="a@b.dk", state="invalid")), ("undeliverable",)),
        (lambda: decide([act("given", 1)], EmailPoint(email="a@b.dk", state="verified")), ()),
        (lambda: decide([act("given", 1)], freshness=None, least_freshness=0.01), ("stale",)),
        (lambda: decide([act("given", 1)], freshness=0.5, least_freshness=0.5), ()),
        (lambda: decide([act("given", 1)], freshness=None, least_freshness=0.0), ()),
    ],
)  # fmt: skip
def test_reasons_one_by_one(ask, reasons):
    """Each reason alone, and the purposes that a contract requires."""
    decision = ask()
    assert tuple(one.value for one in decision.reasons) == reasons
    assert decision.allowed is (reasons == ())
    assert bool(decision) is decision.allowed


def test_the_gate_names_the_act_that_decides():
    """Whether it allows or forbids; where no act decides, there is none to name."""
    given, withdrawn = act("given", 1), act("withdrawn", 2)
    assert decide([given]).act_id == given.id
    assert decide([given, withdrawn]).act_id == withdrawn.id
    assert decide([act("expired", 1)]).act_id is None


def test_a_consent_that_lifts_a_refusal_makes_room_for_later_acts():
    """What comes after it counts again, as if nothing had been refused; the last of them is the one that decides."""
    lifting, later = act("given", 2, evidence=PROOF), act("given", 3, method="import")
    assert fold_consent([act("withdrawn", 1), lifting, later], day(100)) is later
    assert state([act("withdrawn", 1), lifting, act("expired", 3, method="import")]) is None


def test_vocabularies_are_complete():
    """The actions and methods of the consent study are all there; evidence is masked."""
    assert {"given", "confirmed", "refused", "withdrawn", "objected", "expired"} == set(ConsentAction)
    assert {"form", "double_opt_in", "paper", "phone", "api", "import"} <= set(ConsentMethod)
    assert {"consent", "soft_opt_in", "implied"} <= set(LawfulBasis)
    assert "entry 7" not in repr(act("given", 1, evidence=PROOF))


def test_what_an_import_permitted_counts_for_nothing_once_it_was_taken_back():
    """Only from then on, only of that import; the person's own acts decide, and nothing that had ended holds again."""
    one, two = uuid4(), uuid4()
    own, brought = act("given", 1), act("given", 3, method="import", import_id=one)
    back = act("expired", 5, import_id=one)
    assert fold_consent([brought, back], day(5)) is None
    assert fold_consent([own, brought, back], day(4)) is brought
    assert fold_consent([own, brought, back], day(5)) is own
    since = act("confirmed", 4)
    assert fold_consent([brought, since, back], day(9)) is since
    assert fold_consent([own, brought, back, act("expired", 6)], day(9)) is None
    other = act("given", 2, method="import", import_id=two)
    assert fold_consent([other, brought, back], day(9)) is other
    assert fold_consent([other, brought, back, act("expired", 6, import_id=two)], day(9)) is None
    refused = act("withdrawn", 2, method="import", import_id=one)
    assert fold_consent([own, refused, brought, back], day(9)) is refused
    short = act("given", 3, method="import", import_id=one, expires_at=day(4))
    assert fold_consent([own, short, back], day(9)) is fold_consent([own, short], day(9)) is None
