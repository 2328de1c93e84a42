"""What a column is: names in many languages, cells that confirm or refuse, dates in three orders."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture.mapping.column_kinds import (
    ColumnKind,
    DateOrder,
    best_date_order,
    is_phone,
    is_placeholder,
    read_date,
)
from mimcore.capture.mapping.header_names import FIELDS
from mimcore.capture.mapping.sniff import guess_column
from mimcore.domain.catalogue import catalogue

MAILS = ["ana@acme.dk", "bo@example.de", ""]
NAMES = ["Fru Ana Berg", "Bo Ek", "n/a"]


@pytest.mark.parametrize(
    ("header", "cells", "kind", "field"),
    [
        ("E-Mail-Adresse", MAILS, "email", "contact.emails"),
        ("customer_email_2", MAILS, "email", "contact.emails"),
        ("Correo electrónico", MAILS, "email", "contact.emails"),
        ("Telefonnummer", ["32 12 34 56", "+45 32123457"], "phone", "contact.phones"),
        ("Navn", NAMES, "person_name", "contact.name"),
        ("Prénom", ["Ana", "Bo"], "given_name", "contact.name.given"),
        ("Efternavn", ["Berg", "Ek"], "family_name", "contact.name.family"),
        ("Fødselsdato", ["01.05.1990", "31.12.1981"], "date", "contact.demographic.birth_date"),
        ("Land", ["Dänemark", "SE", "Norge"], "country", "contact.demographic.country"),
        ("Sprog", ["da", "Deutsch"], "language", "contact.preferences.language"),
        ("PLZ", ["8000", "10115"], "postal_code", "contact.demographic.postal_code"),
        ("Ort", ["Aarhus", "Berlin"], "code", "contact.demographic.city"),
        ("Job Title", ["CTO", "Head of IT"], "code", "contact.employment.title"),
        ("title", ["CTO", "Head of IT"], "code", "contact.employment.title"),
        ("title", ["Mrs.", "Fru", "Dr"], "code", "contact.name.title"),
        ("Kundennummer", ["1", "2"], "external_id", "contact.external_ids"),
        ("Betrag", ["1.234,50", "2,00 €"], "money", "event.value"),
        ("created_at", ["2026-03-01T10:00:00Z", "2026-03-02 11:30"], "instant", "contact.acquisition.at"),
        ("last_updated", ["2026-03-01", "2026-03-02"], "date", None),
        ("newsletter", ["ja", "nej"], "boolean", None),
        ("mail", ["", " ", "NULL"], "empty", "contact.emails"),
    ],
)
def test_names_in_many_languages_with_cells_that_agree(
    header: str, cells: list[str], kind: str, field: str | None
) -> None:
    """The name proposes a field and the cells confirm it."""
    found = guess_column(header, cells)
    assert (found.kind.value, found.field) == (kind, field)
    if kind != "empty":
        assert found.confidence >= 0.8


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (MAILS, "email"),
        (["+45 32 12 34 56", "+46 70 123 45 67"], "phone"),
        (["2026-03-01", "2026-12-31"], "date"),
        (["2026-03-01T10:00Z"] * 2, "instant"),
        (["20260301", "20261231"], "number"),
        (["€ 12,50", "€ 1"], "money"),
        (["1,5", "2,75"], "number"),
        (["0", "1", "1"], "boolean"),
        (["1", "1", "3", "2", "0"], "number"),
        (["https://acme.dk/x", "www.acme.dk"], "url"),
        (["Danmark", "Sverige", "Norge"], "country"),
        (["gold", "gold", "silver", "silver"], "code"),
        (["A1-33", "B2-34", "C9-99"], "identifier"),
        (["lorem ipsum dolor", "sit amet", "consectetur"], "free_text"),
        ([], "empty"),
    ],
)
def test_cells_alone_decide_where_they_are_unmistakable(cells: list[str], kind: str) -> None:
    """A name that means nothing leaves the cells to tell."""
    assert guess_column("q17", cells).kind.value == kind


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("email", ["Ana", "Bo", "Cy"], "free_text"),
        ("city", MAILS, "email"),
        ("country", ["x1", "x2", "x3"], "identifier"),
    ],
)
def test_cells_overrule_a_wrong_name(header: str, cells: list[str], kind: str) -> None:
    """A column called e-mail that holds names is none, gets no field, and is unsure."""
    found = guess_column(header, cells)
    assert (found.kind.value, found.field) == (kind, None)
    assert found.confidence <= 0.5
    assert found.why.startswith("the name says ")


def test_bad_cells_lower_the_confidence() -> None:
    """Two thirds valid is still an e-mail column, less surely; the reason holds a share and no cell."""
    found = guess_column("email", ["ana@acme.dk", "bo@example.de", "canary"])
    assert found.kind is ColumnKind.EMAIL
    assert 0.7 < found.confidence < 0.9
    assert found.why == "its name means email and 67\u202f% of the cells are"


@pytest.mark.parametrize(
    ("cells", "order", "share"),
    [
        (["2026-03-04"], DateOrder.YMD, 1.0),
        (["20260304"], DateOrder.YMD, 1.0),
        (["03/04/2026", "25/12/2026"], DateOrder.DMY, 1.0),
        (["03/04/2026", "12/25/2026"], DateOrder.MDY, 1.0),
        (["03/04/2026"], DateOrder.DMY_OR_MDY, 1.0),
        (["04-04-2026"], DateOrder.DMY, 1.0),
        (["03.04.2026"], DateOrder.DMY, 1.0),
        (["03/04/2026", "31/31/2026"], DateOrder.DMY_OR_MDY, 0.5),
        (["25/12/2026", "12/25/2026", "13/01/2026", "x"], DateOrder.DMY, 0.5),
        (["30.02.2026", "199711"], DateOrder.YMD, 0.0),
    ],
)
def test_date_order_is_what_most_cells_allow(cells: list[str], order: DateOrder, share: float) -> None:
    """The order comes from the cells; where they leave it open, the guess says so."""
    assert best_date_order(cells) == (order, share)


@given(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["/", "-", ". ", " "]),
    st.sampled_from(["", " 10:30", " 9:05 PM"]),
)
def test_every_date_is_read_back(day: date, separator: str, clock: str) -> None:
    """Written in any order with any separator and a time, a date is read as itself."""
    plain = separator.strip() or separator
    assert read_date(f"{day:%Y-%m-%d}{clock}", DateOrder.YMD) == day
    assert read_date(f"{day:%d}{separator}{day:%m}{separator}{day:%Y}{clock}", DateOrder.DMY) == day
    if plain != ".":
        assert read_date(f"{day:%m}{separator}{day:%d}{separator}{day:%Y}{clock}", DateOrder.MDY) == day


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=6))
def test_any_text_gets_a_guess_without_a_cell_in_it(header: str, cells: list[str]) -> None:
    """No input breaks the guess, and its confidence is a probability."""
    found = guess_column(header, cells)
    assert 0 <= found.confidence <= 1


def test_phones_are_judged_with_their_country() -> None:
    """A national number is valid or not only where the country is known."""
    assert is_phone("+4532123456", None) is True
    assert is_phone("32 12 34 56", "DK") is True
    assert is_phone("32 12 34 56", None) is None
    assert is_phone("32 12", "DK") is False
    assert is_phone("none", None) is False


def test_placeholders_are_recognised() -> None:
    """'n/a' in any case and padding says nothing; names do not."""
    assert all(map(is_placeholder, ["n/a", " N/A ", "NULL", "-", "#N/A", "Unbekannt"]))
    assert not any(map(is_placeholder, ["Ana", "Nana", "0", "no"]))


def test_every_field_of_the_table_exists() -> None:
    """The table names fields of the catalogue, the parts that hold several points, and nothing else."""
    composed = {"-", "contact.name", "contact.emails", "contact.phones", "contact.external_ids", "event.external_id"}
    composed.add("event.currency")
    named = {line.split()[0] for line in FIELDS.splitlines() if not line.startswith(" ")}
    assert {field for field in named - composed if field not in catalogue} == set()


def test_no_name_means_two_fields() -> None:
    """Each name stands once in the table."""
    names = [name for line in FIELDS.splitlines() if line.startswith(" ") for name in line.split()]
    assert sorted(names) == sorted(set(names))
