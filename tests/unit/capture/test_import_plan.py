"""Planning and applying imports on both stores: dry counts, provenance, newest wins, checkpoints, idempotence."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import polars as pl
import pytest

import mimcore as mim
from mimcore.capture import ImportMapping, constant, plan_import, read_dates, read_money, split
from mimcore.errors import CaptureError, InvalidValueError
from mimcore.repositories.records import ImportStatus, Outcome

MAPPING = {
    "mail": "contact.emails",
    "name": "contact.name",
    "phone": "contact.phones",
    "city": "contact.city",
    "likes": ("contact.interests", split()),
    "born": ("contact.birth_date", read_dates("DMY")),
}
PEOPLE = (
    "mail,name,phone,city,likes,born\n"
    "ana@acme.dk,Fru Ana Berg,32 12 34 56,Aarhus,cycling;skiing,01.05.1990\n"
    "bo@acme.dk,Bo Holm,,Odense,,\n"
    "Ana@Acme.dk,,,Odense,chess,\n"
    "bad,Carl Lund,,,,\n"
    ",Dora Friis,,,,\n"
    "eva@acme.dk,Eva Dam,12,,,31.02.1990\n"
)


def plan(store, data, mapping=None, **options):
    """Plan an import from the fair."""
    return plan_import(store, data, **{"source": "fair", "mapping": mapping or MAPPING, "region": "DK", **options})


def footprint(store):
    """Everything that an import could have written, in numbers."""
    with store.read() as work:
        everyone = list(work.transaction.contacts.all())
        imports = work.transaction.imports.all()
        return (
            [(one.id, one.version) for one in everyone],
            sum(len(work.transaction.history.of(one.id)) for one in everyone),
            len(work.transaction.outbox.pending(100_000)),
            imports,
            [len(list(work.transaction.imports.outcomes(one.id))) for one in imports],
            sorted(map(repr, work.transaction.freshness.all())),
        )


def test_a_plan_counts_every_row_once_and_writes_nothing(import_store, csv_file):
    """Six rows: two created, one updates the first, three refused; the store is untouched."""
    before = footprint(import_store)
    planned = plan(import_store, csv_file(PEOPLE))
    assert dict(planned.counts) == {"created": 2, "updated": 1, "rejected": 3}
    assert planned.total == 6
    assert footprint(import_store) == before


def test_applying_does_what_the_plan_said(import_store, csv_file):
    """Counts, records, row outcomes and checkpoint agree with the plan."""
    planned = plan(import_store, csv_file(PEOPLE))
    result = planned.apply()
    assert result.counts == planned.counts
    ana = import_store.contacts.with_email("ana@acme.dk")
    assert (ana.name.title, ana.demographic.city, ana.demographic.birth_date) == ("mrs", "Odense", date(1990, 5, 1))
    assert ana.phones[0].value == "+4532123456"
    assert ana.psychographic.interests == ("chess", "cycling", "skiing")
    with import_store.read() as work:
        record = work.transaction.imports.get(result.id)
        outcomes = list(work.transaction.imports.outcomes(result.id))
    assert (record.status, record.next_row, record.kind, record.source) == (
        ImportStatus.FINISHED,
        6,
        "contacts",
        "fair",
    )
    assert [(one.row, one.line, one.outcome) for one in outcomes] == [
        (0, 2, Outcome.CREATED),
        (1, 3, Outcome.CREATED),
        (2, 4, Outcome.UPDATED),
        (3, 5, Outcome.REJECTED),
        (4, 6, Outcome.REJECTED),
        (5, 7, Outcome.REJECTED),
    ]
    assert outcomes[0].entity_id == outcomes[2].entity_id == ana.id
    assert (outcomes[4].code, outcomes[4].column) == ("missing_key", "mail")


def test_rejects_name_column_reason_and_remedy_of_every_problem(import_store, csv_file, tmp_path):
    """Two problems in one row are two lines; the file for mending holds the row and can be imported once mended."""
    planned = plan(import_store, csv_file(PEOPLE))
    told = planned.rejects.to_rows()
    assert [(one["line"], one["column"], one["code"]) for one in told] == [
        (5, "mail", "invalid_value"),
        (6, "mail", "missing_key"),
        (7, "born", "invalid_value"),
        (7, "phone", "invalid_value"),
    ]
    assert planned.rejects.to_csv(tmp_path / "rejects.csv") == 3
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert '"eva@acme.dk","Eva Dam","12"' in text
    (tmp_path / "rejects.csv").write_text(text.replace('"12"', '""').replace("31.02.1990", "28.02.1990"), "utf-8")
    assert plan(import_store, tmp_path / "rejects.csv").counts["created"] == 1


@pytest.mark.parametrize("batch_size", [1, 2, 500])
def test_the_size_of_batches_changes_nothing_in_the_records(import_store, csv_file, batch_size):
    """Rows of one contact in one batch or in several leave the same record, history and counts."""
    result = plan(import_store, csv_file(PEOPLE)).apply(batch_size=batch_size)
    ana = import_store.contacts.with_email("ana@acme.dk")
    assert (ana.version, ana.demographic.city, len(ana.psychographic.interests)) == (2, "Odense", 3)
    assert result.counts == {"created": 2, "updated": 1, "rejected": 3}
    with import_store.read() as work:
        assert [change.version for change in work.history(ana)] == [1, 2]


def test_a_second_run_changes_nothing_and_says_so(import_store, csv_file, import_clock):
    """No write, no version, no event, no outcome; ten times."""
    file = csv_file(PEOPLE)
    first = plan(import_store, file).apply()
    before = footprint(import_store)
    for _ in range(10):
        import_clock.forward(days=1)
        again = plan(import_store, file)
        assert again.is_finished
        assert "Nothing would change" in str(again)
        result = again.apply()
        assert result.changed_nothing
        assert result.id == first.id
        assert "nothing was changed" in str(result)
    assert footprint(import_store) == before


def test_another_file_that_says_nothing_new_bumps_no_version(import_store, csv_file):
    """The same rows in another file are unchanged rows: an import record, but no version and no contact event."""
    plan(import_store, csv_file(PEOPLE)).apply()
    versions, _, events, *_ = footprint(import_store)
    result = plan(import_store, csv_file(PEOPLE.splitlines()[0] + "\nbo@acme.dk,Bo Holm,,Odense,,\n", "b.csv")).apply()
    assert result.counts == {"unchanged": 1}
    after = footprint(import_store)
    assert after[0] == versions
    assert after[2] == events + 1  # import_finished


def test_every_value_knows_source_time_and_import(import_store, csv_file):
    """Provenance is that of the import: its source, its time of observation, its id."""
    result = plan(import_store, csv_file(PEOPLE), observed_at="2026-01-31").apply()
    ana = import_store.contacts.with_email("ana@acme.dk")
    with import_store.read() as work:
        states = work.transaction.freshness.of([ana.id])[ana.id]
        changes = work.history(ana)
    assert {one.source for one in states} == {"fair"}
    assert {one.observed_at.astimezone(import_store.zone).date() for one in states} == {date(2026, 1, 31)}
    assert {change.import_id for change in changes} == {result.id}
    assert {change.actor for change in changes} == {"tester"}


def test_undated_values_are_undated(import_store, csv_file):
    """Nobody knows when: no time of observation, no invented one."""
    plan(import_store, csv_file(PEOPLE), observed_at=mim.UNDATED).apply()
    bo = import_store.contacts.with_email("bo@acme.dk")
    with import_store.read() as work:
        assert {one.observed_at for one in work.transaction.freshness.of([bo.id])[bo.id]} == {None}


def test_a_column_may_say_when_each_row_was_observed(import_store, csv_file):
    """Row by row; a row without one takes the import's, and one in the future is refused."""
    text = "mail,city,seen\na@acme.dk,Aarhus,2025-01-31\nb@acme.dk,Odense,\nc@acme.dk,Vejle,2027-01-01\n"
    mapping = {"mail": "contact.emails", "city": "contact.city", "seen": "observed_at"}
    result = plan(import_store, csv_file(text), mapping).apply()
    assert result.counts == {"created": 2, "rejected": 1}
    assert result.rejects[0].problems[0].reason == "lies in the future"
    seen = {}
    for mail in ("a@acme.dk", "b@acme.dk"):
        found = import_store.contacts.with_email(mail)
        with import_store.read() as work:
            seen[mail] = {one.observed_at for one in work.transaction.freshness.of([found.id])[found.id]}
    assert seen == {
        "a@acme.dk": {datetime(2025, 1, 31, 22, 59, 59, 999999, tzinfo=UTC)},
        "b@acme.dk": {datetime(2026, 3, 1, 12, tzinfo=UTC)},
    }


@pytest.mark.parametrize(
    ("stored_at", "file_at", "winner"),
    [
        ("2026-01-01", "2026-02-01", "Odense"),
        ("2026-02-01", "2026-01-01", "Aarhus"),
        ("2026-02-01", "2026-02-01", "Odense"),
        (mim.UNDATED, "2020-01-01", "Odense"),
        ("2020-01-01", mim.UNDATED, "Aarhus"),
        (mim.UNDATED, mim.UNDATED, "Odense"),
    ],
)
def test_the_newest_observation_wins_per_field(import_store, csv_file, stored_at, file_at, winner):
    """By the time the values were seen, not by the time they came; what is missing is filled in all the same."""
    with import_store.begin(source="crm", observed_at=stored_at) as work:
        work.add(mim.Contact(emails=["ana@acme.dk"], city="Aarhus"))
    text = "mail,city,street\nana@acme.dk,Odense,Torvet 1\n"
    mapping = {"mail": "contact.emails", "city": "contact.city", "street": "contact.street"}
    plan(import_store, csv_file(text), mapping, observed_at=file_at).apply()
    home = import_store.contacts.with_email("ana@acme.dk").demographic
    assert (home.city, home.street) == (winner, "Torvet 1")


def test_a_confirmation_is_newer_evidence_than_an_older_file(import_store, csv_file):
    """A value that was checked in February stands against a file of January."""
    with import_store.begin(source="crm", observed_at="2025-01-01") as work:
        (ana,) = work.add(mim.Contact(emails=["ana@acme.dk"], city="Aarhus"))
        work.confirm(ana, "contact.city", by="owner", at="2026-02-01")
    mapping = {"mail": "contact.emails", "city": "contact.city"}
    file = csv_file("mail,city\nana@acme.dk,Odense\n")
    assert plan(import_store, file, mapping, observed_at="2026-01-01").apply().counts == {"unchanged": 1}
    assert import_store.contacts.with_email("ana@acme.dk").demographic.city == "Aarhus"


def test_missing_cells_clear_nothing_and_lists_unite(import_store, csv_file):
    """Blank cells and words for nothing leave values; tags, addresses and parts of names are added."""
    with import_store.begin(source="crm") as work:
        work.add(
            mim.Contact(
                emails=["ana@acme.dk"],
                name="Fru Ana Marie Berg",
                city="Aarhus",
                interests=["chess"],
                phones=["+4532123456"],
            )
        )
    text = "mail,mail2,given,city,likes\nANA@acme.dk,ana@home.dk,Anna,n/a,cycling\n"
    mapping = {
        "mail": "contact.emails",
        "mail2": "contact.emails",
        "given": "contact.name.given",
        "city": "contact.city",
        "likes": "contact.interests",
    }
    plan(import_store, csv_file(text), mapping).apply()
    ana = import_store.contacts.with_email("ana@acme.dk")
    assert [point.value for point in ana.emails] == ["ana@acme.dk", "ana@home.dk"]
    assert (ana.name.title, ana.name.given, ana.name.middle, ana.name.family) == ("mrs", "Anna", "Marie", "Berg")
    assert (ana.demographic.city, ana.psychographic.interests) == ("Aarhus", ("chess", "cycling"))
    assert len(ana.phones) == 1


def test_a_key_of_two_contacts_refuses_the_row(import_store, csv_file):
    """Nobody is guessed; the row says how many and what to do."""
    with import_store.begin() as work:
        work.add(mim.Contact(emails=["info@acme.dk"], city="A"), mim.Contact(emails=["info@acme.dk"], city="B"))
    planned = plan(
        import_store, csv_file("mail,city\ninfo@acme.dk,C\n"), {"mail": "contact.emails", "city": "contact.city"}
    )
    assert planned.counts == {"rejected": 1}
    problem = planned.rejects[0].problems[0]
    assert (problem.code, problem.reason) == ("ambiguous_key", "belongs to 2 contacts")


def test_rows_with_suppressed_addresses_are_left_alone(import_store, csv_file):
    """By any address or number of the row, whether the person exists or not; in any spelling."""
    with import_store.begin() as work:
        work.add(mim.Contact(emails=["eva@acme.dk"], city="Vejle"))
        for target in ("ana@acme.dk", "+4532123456", "eva@acme.dk"):
            work.suppress(target)
    text = "mail,phone,city\nANA@ACME.DK,,A\nbo@acme.dk,32123456,B\neva@acme.dk,,C\nida@acme.dk,,D\n"
    mapping = {"mail": "contact.emails", "phone": "contact.phones", "city": "contact.city"}
    result = plan(import_store, csv_file(text), mapping).apply()
    assert result.counts == {"suppressed": 3, "created": 1}
    assert import_store.contacts.with_email("eva@acme.dk").demographic.city == "Vejle"
    assert import_store.contacts.count() == 2


@pytest.mark.parametrize("key", ["external_id", "phone"])
def test_contacts_are_found_by_other_keys(import_store, csv_file, key):
    """By the id in the import's source, or by the number; the address is then an ordinary value."""
    text = "id,phone,city,mail\n7,32 12 34 56,Aarhus,\n8,32 12 34 57,Odense,b@acme.dk\n7,32123456,Vejle,a@acme.dk\n"
    mapping = {"id": "contact.external_id", "phone": "contact.phones", "city": "contact.city", "mail": "contact.emails"}
    result = plan(import_store, csv_file(text), mapping, key=key).apply(batch_size=2)
    assert result.counts == {"created": 2, "updated": 1}
    ana = import_store.contacts.with_email("a@acme.dk")
    assert (ana.demographic.city, [(one.source, one.value) for one in ana.external_ids]) == ("Vejle", [("fair", "7")])


def test_accounts_are_found_by_domain_or_name_or_made(import_store, csv_file):
    """One account for three spellings of a domain, one for a name; the first link is the primary one."""
    text = (
        "mail,firm,site,staff\n"
        "a@acme.dk,Acme A/S,https://www.acme.dk/,240\n"
        "b@acme.dk,Acme,acme.dk,\n"
        "c@lund.dk,Lund ApS,,12\n"
        "d@lund.dk,LUND APS,,13\n"
        "a@acme.dk,Lund ApS,,\n"
    )
    mapping = {"mail": "contact.emails", "firm": "account.name", "site": "account.domain", "staff": "account.employees"}
    planned = plan(import_store, csv_file(text), mapping)
    result = planned.apply(batch_size=2)
    assert planned.counts == result.counts == {"created": 4, "updated": 1}
    with import_store.read() as work:
        accounts = {one.id: one for one in work.transaction.accounts.all()}
    assert sorted((one.name, one.firmographic.employees) for one in accounts.values()) == [
        ("Acme", 240),
        ("Lund ApS", 13),
    ]
    ana = import_store.contacts.with_email("a@acme.dk")
    assert [(accounts[link.account_id].name, link.is_primary) for link in ana.accounts] == [
        ("Acme", True),
        ("Lund ApS", False),
    ]


def test_frames_and_lists_of_dicts_are_imported_like_files(import_store):
    """The same content is the same import; another is not."""
    rows = [{"mail": "a@acme.dk", "kids": 2.0}, {"mail": "b@acme.dk", "kids": None}]
    mapping = {"mail": "contact.emails", "kids": "contact.children"}
    assert plan(import_store, rows, mapping).apply().counts == {"created": 2}
    assert import_store.contacts.with_email("a@acme.dk").demographic.children == 2
    assert plan(import_store, list(rows), mapping).is_finished
    assert plan(import_store, pd.DataFrame(rows), mapping).is_finished
    assert plan(import_store, pl.DataFrame(rows), mapping).is_finished
    assert not plan(import_store, rows[:1], mapping).is_finished


def test_unreadable_rows_are_rejects_and_the_rest_goes_on(import_store, csv_file):
    """A row with too many cells is refused with its line; its neighbours are not."""
    text = 'mail,city\na@acme.dk,Aarhus\nb@acme.dk,Odense,DK,x\n"c@acme.dk","two\nlines"\nd@acme.dk,Vejle\n'
    planned = plan(import_store, csv_file(text), {"mail": "contact.emails", "city": "contact.city"})
    assert planned.counts == {"created": 2, "rejected": 2}
    assert [(one.line, one.problems[0].code) for one in planned.rejects] == [
        (3, "unreadable_row"),
        (4, "invalid_value"),
    ]


def test_another_mapping_source_or_kind_is_another_import(import_store, csv_file):
    """The identity is file, mapping, source and kind; key and region are part of the mapping."""
    file = csv_file("mail,city\na@acme.dk,Aarhus\n")
    mapping = {"mail": "contact.emails", "city": "contact.city"}
    plan(import_store, file, mapping).apply()
    assert plan(import_store, file, mapping).is_finished
    assert plan(import_store, file, mapping, observed_at="2026-01-01").is_finished
    assert not plan(import_store, file, mapping, source="crm").is_finished
    assert not plan(import_store, file, mapping, region="SE").is_finished
    assert not plan(import_store, file, {"mail": "contact.emails"}).is_finished


def test_a_file_that_changed_since_the_plan_is_not_applied(import_store, csv_file):
    """The plan is for the bytes it has read."""
    file = csv_file(PEOPLE)
    planned = plan(import_store, file)
    file.write_text(PEOPLE + "x@acme.dk,,,,,\n", encoding="utf-8")
    with pytest.raises(CaptureError, match="was changed since it was planned"):
        planned.apply()
    assert import_store.contacts.count() == 0


class StopError(Exception):
    """Raised by a test in place of a power cut."""


def _interrupted(planned, after):
    done = []

    def progress(rows):
        done.append(rows)
        if len(done) == after:
            raise StopError

    with pytest.raises(StopError):
        planned.apply(batch_size=2, on_progress=progress)


def test_an_interrupted_import_goes_on_from_its_checkpoint(import_store, csv_file, import_clock):
    """Rows that are stored are not read again, and the plan says where it goes on."""
    file = csv_file(PEOPLE)
    _interrupted(plan(import_store, file), after=1)
    import_clock.forward(days=3)
    again = plan(import_store, file)
    assert again.total == 4
    assert "going on after 2 rows" in str(again)
    result = again.apply(batch_size=2)
    assert (result.rows_done, result.resumed_at) == (4, 2)
    assert result.counts == {"created": 2, "updated": 1, "rejected": 3}
    ana = import_store.contacts.with_email("ana@acme.dk")
    with import_store.read() as work:
        seen = {one.observed_at for one in work.transaction.freshness.of([ana.id])[ana.id]}
    assert seen == {datetime(2026, 3, 1, 12, tzinfo=UTC)}  # the file was observed when the import began


def test_two_importers_cannot_both_apply(import_store, csv_file):
    """The one that finds the checkpoint moved stops, and no row is taken over twice."""
    file = csv_file(PEOPLE)
    first, second = plan(import_store, file), plan(import_store, file)
    done = []

    def meanwhile(rows):
        done.append(rows)
        if len(done) == 1:
            second.apply(batch_size=1)

    with pytest.raises(CaptureError, match="another process applies this import"):
        first.apply(batch_size=2, on_progress=meanwhile)
    with import_store.read() as work:
        (record,) = work.transaction.imports.all()
        outcomes = list(work.transaction.imports.outcomes(record.id))
    assert record.status is ImportStatus.FINISHED
    assert [one.row for one in outcomes] == list(range(6))


def test_two_importers_that_both_begin_cannot_both_apply(import_store, csv_file, monkeypatch):
    """Both saw no import of this file; the second one to write finds the first one's."""
    file = csv_file(PEOPLE)
    planned = plan(import_store, file)
    original, raced = type(planned.run).check_unchanged, []

    def race(run):
        original(run)
        if not raced:
            raced.append(True)
            plan(import_store, file).apply()

    monkeypatch.setattr(type(planned.run), "check_unchanged", race)
    with pytest.raises(CaptureError, match="another process applies this import"):
        planned.apply()
    assert import_store.contacts.count() == 2


def test_an_empty_file_is_an_import_of_no_rows(import_store, csv_file):
    """A header alone: finished, nothing created."""
    planned = plan(import_store, csv_file("mail\n"), {"mail": "contact.emails"})
    assert planned.total == 0
    result = planned.apply()
    assert result.counts == {}
    assert plan(import_store, csv_file("mail\n"), {"mail": "contact.emails"}).is_finished


def test_wrong_options_are_refused_before_anything_is_read(import_store, csv_file):
    """Kinds, keys, sizes and columns that do not exist."""
    file = csv_file(PEOPLE)
    with pytest.raises(InvalidValueError, match="did you mean 'purchase'"):
        plan(import_store, file, kind="purchasses")
    with pytest.raises(InvalidValueError, match="is not known"):
        plan(import_store, file, key="nickname")
    with pytest.raises(InvalidValueError, match="out of range"):
        plan(import_store, file).apply(batch_size=0)
    with pytest.raises(InvalidValueError, match="not there"):
        plan(import_store, file, {"e-mail": "contact.emails"})
    with pytest.raises(InvalidValueError, match="source"):
        plan(import_store, file, source="Not A Key")


def test_a_plan_shows_itself(import_store, csv_file):
    """As text and as HTML: outcomes, columns, reasons."""
    planned = plan(import_store, csv_file(PEOPLE))
    for shown in (str(planned), planned._repr_html_()):
        for part in ("created", "contact.demographic.city", "Rejected rows", "missing"):
            assert part in shown or part == "missing"
    result = planned.apply()
    assert "6 rows imported" in str(result)
    assert "created" in result._repr_html_()


def test_a_file_without_a_mapping_is_understood(import_store, csv_file):
    """Columns named as people name them are proposed; the mapping can be kept for next time."""
    text = "E-Mail;Vorname;Nachname;Ort;Interessen\nana@acme.dk;Ana;Berg;Aarhus;Rad, Ski\nbo@acme.dk;Bo;Holm;Odense;\n"
    planned = plan_import(import_store, csv_file(text), source="fair")
    assert planned.counts == {"created": 2}
    planned.apply()
    ana = import_store.contacts.with_email("ana@acme.dk")
    assert (ana.name.full, ana.psychographic.interests) == ("Ana Berg", ("Rad", "Ski"))
    kept = ImportMapping.from_json(planned.mapping.to_json())
    assert plan_import(import_store, csv_file(text), source="fair", mapping=kept).is_finished


def test_constants_money_custom_and_profiles(import_store, csv_file):
    """A constant for every row, amounts with a currency, custom attributes, social profiles."""
    import_store.attributes.declare(mim.attribute("club"))
    text = 'mail,income,club,in\na@acme.dk,"450.000,00",gold,https://linkedin.com/in/a\n'
    mapping = {
        "mail": "contact.emails",
        "income": ("contact.annual_income", read_money("DKK", ",")),
        "club": "contact.custom.club",
        "in": "contact.social_profiles.linkedin",
        "": ("contact.country", constant("DK")),
    }
    plan(import_store, csv_file(text), mapping).apply()
    ana = import_store.contacts.with_email("a@acme.dk")
    assert ana.demographic.annual_income == mim.money(450_000, "DKK")
    assert (ana.demographic.country, dict(ana.custom)) == ("DK", {"club": "gold"})
    assert ana.social_profiles[0].network == "linkedin"


def test_rows_with_the_same_cells_share_no_identity(import_store, csv_file):
    """Two people with one address, told apart by their numbers, have two contact points."""
    mapping = {"id": "contact.external_id", "mail": "contact.emails", "phone": "contact.phones"}
    text = "id,mail,phone\n1,a@acme.dk,32123456\n2,a@acme.dk,32123456\n"
    assert plan(import_store, csv_file(text), mapping, key="external_id").apply().counts == {"created": 2}
    points = [point.id for one in import_store.contacts.all_with_email("a@acme.dk") for point in one.points]
    assert len(set(points)) == 4
