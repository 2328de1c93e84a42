"""What sessions do that come in each other's way: name of the scenario, and what makes their bodies in a world."""

from __future__ import annotations

import contextlib

from tests.concurrency.worlds import NEWS

import mimcore as mim

SCENARIOS = {}
ROWS = [{"mail": "bo@acme.dk", "town": "Ribe"}, {"mail": "new@acme.dk", "town": "Vejle"}]
FORM = {**NEWS, "method": "form", "notice": "v2"}


def scenario(make):
    """Remember a scenario under its function's name."""
    SCENARIOS[make.__name__] = make
    return make


def merging(world, survivor, other):
    """Plan a merge and apply it."""
    return lambda: world.merge(survivor, other)


def working(world, act):
    """One unit of work."""

    def body():
        with world.store.begin() as work:
            return act(work)

    return body


@scenario
def merge_and_merge_the_other_way_round(world):
    """Nobody is merged away on both sides."""
    return merging(world, world.ana, world.bo), merging(world, world.bo, world.ana)


@scenario
def merge_and_merge_in_a_chain(world):
    """The middle one is survivor here and other there."""
    return merging(world, world.ana, world.bo), merging(world, world.bo, world.cid)


@scenario
def merge_and_merge_of_the_same_record(world):
    """Two people want the same record."""
    return merging(world, world.ana, world.bo), merging(world, world.cid, world.bo)


@scenario
def merge_and_withdraw(world):
    """The withdrawal is kept, whoever comes first."""
    point = world.bo.primary_email
    return merging(world, world.ana, world.bo), working(world, lambda work: work.withdraw(point, **NEWS))


@scenario
def merge_and_record(world):
    """The purchase counts for the golden record."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.record("purchase", contact=world.bo.id, at="2026-04-20", external_id="new")),
    )


@scenario
def merge_and_record_of_a_member(world):
    """The purchase of somebody who was merged into the other record before."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.record("purchase", contact=world.dan.id, at="2026-04-20", external_id="new")),
    )


@scenario
def merge_and_add_a_lead(world):
    """The lead counts for the golden record."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.add(mim.Lead(contact_id=world.bo.id, captured_at="2026-04-20T10:00Z"))),
    )


@scenario
def merge_and_add_a_task_of_a_member(world):
    """The task counts for the golden record."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.add(mim.Task(title="visit", contact_id=world.dan.id))),
    )


@scenario
def merge_and_change_a_lead(world):
    """The lead that is changed meanwhile counts for the golden record."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.change(work.leads.get(world.lead.id), owner="maria")),
    )


@scenario
def merge_and_change(world):
    """A change of the record that is merged away is made before, or refused."""
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.change(work.contacts.get(world.bo.id), city="Ribe")),
    )


@scenario
def merge_and_confirm(world):
    """The check stays with the address."""
    point = world.bo.primary_email
    return merging(world, world.ana, world.bo), working(world, lambda work: work.confirm(point, by="owner"))


@scenario
def merge_and_import(world):
    """A row for the record that is merged away lands on the golden record, or on nobody."""
    return merging(world, world.ana, world.bo), lambda: world.plan(ROWS).apply()


@scenario
def merge_and_undo_of_an_earlier_merge(world):
    """Whoever stood behind the other record stands apart, and nobody counts for two."""
    return merging(world, world.ana, world.bo), lambda: world.store.merges.undo(world.merged)


@scenario
def merge_and_put_on_a_list(world):
    """Whoever is put on a list is on it as a golden record too."""
    return merging(world, world.ana, world.bo), working(world, lambda work: work.put_on("vips", world.bo.id))


@scenario
def undo_and_undo(world):
    """A merge is taken back once."""
    return tuple(lambda: world.store.merges.undo(world.merged) for _ in range(2))


@scenario
def undo_and_undo_of_a_merge_built_on_it(world):
    """The later one is taken back once, by whomever."""
    later = world.merge(world.cid, world.now(world.bo))
    last = world.merge(world.ana, world.now(world.cid))
    assert later
    return lambda: world.store.merges.undo(world.merged), lambda: world.store.merges.undo(last)


@scenario
def undo_and_record_of_a_member(world):
    """A purchase counts for the record that stands apart again, and not for its old golden one."""
    last = world.merge(world.ana, world.now(world.bo))
    return (
        lambda: world.store.merges.undo(last),
        working(world, lambda work: work.record("purchase", contact=world.dan.id, at="2026-04-20", external_id="new")),
    )


@scenario
def import_and_import_of_the_same_file(world):
    """Its rows are taken over once."""
    return tuple(lambda: world.plan(ROWS).apply() for _ in range(2))


@scenario
def import_and_import_of_another_file(world):
    """A person who is new in both is one person."""
    return lambda: world.plan(ROWS).apply(), lambda: world.plan(ROWS[1:], source="shop").apply()


@scenario
def upsert_and_upsert_by_address(world):
    """A person who is new in both is one person."""
    new = [mim.Contact(emails=["new@acme.dk"], city=town) for town in ("Vejle", "Ribe")]
    return tuple(working(world, lambda work, one=one: work.upsert_many([one], key="email").created) for one in new)


@scenario
def import_and_upsert_by_address(world):
    """A person who is new in both is one person."""
    new = mim.Contact(emails=["new@acme.dk"], country="DK")
    return lambda: world.plan(ROWS).apply(), working(world, lambda work: work.upsert_many([new], key="email").created)


def _interrupt(_):
    raise KeyboardInterrupt


@scenario
def import_and_its_undo(world):
    """A file is taken over in two batches while it is taken back."""
    plan = world.plan(ROWS)

    def undo():
        records = world.store.imports.all()
        return world.store.imports.undo(records[0].id) if records else None

    def apply():
        return plan.apply(batch_size=1)

    def begin():
        """What an import has done that was told after its first batch that somebody takes it back."""
        with contextlib.suppress(KeyboardInterrupt):
            plan.apply(batch_size=1, on_progress=_interrupt)

    apply.begun = begin
    return apply, undo


@scenario
def undo_of_an_import_and_record(world):
    """Who has bought something in the meantime stays."""
    done = world.plan(ROWS).apply()
    new = world.store.contacts.with_email("new@acme.dk")
    return (
        lambda: world.store.imports.undo(done.id),
        working(world, lambda work: work.record("purchase", contact=new.id, at="2026-04-20", external_id="new")),
    )


@scenario
def undo_of_an_import_and_change(world):
    """Who was changed in the meantime stays."""
    done = world.plan(ROWS).apply()
    new = world.store.contacts.with_email("new@acme.dk")
    return (
        lambda: world.store.imports.undo(done.id),
        working(world, lambda work: work.change(work.contacts.get(new.id), country="DK")),
    )


@scenario
def undo_of_an_import_and_change_of_an_account(world):
    """An account that was changed in the meantime stays."""
    mapping = {"mail": "contact.emails", "firm": "account.name"}
    rows = [{"mail": "new@acme.dk", "firm": "Acme"}]
    done = world.store.plan_import(rows, source="fair", mapping=mapping).apply()
    (firm,) = world.store.accounts.all()
    return (
        lambda: world.store.imports.undo(done.id),
        working(world, lambda work: work.change(work.accounts.get(firm.id), employees=7)),
    )


@scenario
def grant_and_withdraw(world):
    """Both acts are kept; a consent after a withdrawal needs evidence."""
    point = world.bo.primary_email
    return (
        working(world, lambda work: work.grant(point, **FORM)),
        working(world, lambda work: work.withdraw(point, **NEWS)),
    )


@scenario
def confirm_and_refute(world):
    """Both checks count."""
    person = world.ana
    return (
        working(world, lambda work: work.confirm(person, "contact.city", by="vendor")),
        working(world, lambda work: work.refute(person, "contact.city", by="survey")),
    )


@scenario
def change_and_change(world):
    """The second one has read the first, or is refused."""
    return tuple(
        working(world, lambda work, town=town: work.change(work.contacts.get(world.ana.id), city=town, tags=[town]))
        for town in ("Ribe", "Vejle")
    )


@scenario
def change_and_remove(world):
    """An archived record keeps the change, or refuses it."""
    return (
        working(world, lambda work: work.change(work.contacts.get(world.ana.id), city="Ribe")),
        working(world, lambda work: work.remove(work.contacts.get(world.ana.id))),
    )


@scenario
def enter_the_same_source(world):
    """It is entered once; whoever adds it by hand is told."""
    return (
        working(world, lambda work: work.change(work.contacts.get(world.ana.id), city="Ribe", source="fair")),
        working(world, lambda work: work.change(work.contacts.get(world.cid.id), city="Ribe", source="fair")),
    )


@scenario
def add_the_same_source(world):
    """It is added once; the other one is told."""
    return tuple(
        working(world, lambda work, share=share: work.add(mim.Source(key="fair", reliability=share)))
        for share in (0.5, 0.6)
    )


@scenario
def record_the_same_event(world):
    """It is recorded once."""
    return tuple(
        working(world, lambda work: work.record("purchase", contact=world.ana.id, at="2026-04-20", external_id="e"))
        for _ in range(2)
    )


@scenario
def record_different_events_under_one_id(world):
    """One is recorded, the other one is told."""
    return tuple(
        working(world, lambda work, one=one: work.record("purchase", contact=one.id, at="2026-04-20", external_id="e"))
        for one in (world.ana, world.cid)
    )


@scenario
def claim_and_claim(world):
    """Nobody gets an event that somebody else holds."""
    return tuple(lambda: [one.event.id for one in world.store.events.claim(limit=6)] for _ in range(2))


@scenario
def claim_and_change(world):
    """An event that comes meanwhile waits behind those of its record."""
    return (
        lambda: [one.event.id for one in world.store.events.claim(limit=3)],
        working(world, lambda work: work.change(work.contacts.get(world.ana.id), city="Ribe")),
    )


@scenario
def merge_record_and_withdraw(world):
    """Three at once."""
    point = world.bo.primary_email
    return (
        merging(world, world.ana, world.bo),
        working(world, lambda work: work.record("purchase", contact=world.bo.id, at="2026-04-20", external_id="new")),
        working(world, lambda work: work.withdraw(point, **NEWS)),
    )
