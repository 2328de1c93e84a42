"""Other people's files, imported with `mapping="auto"`: the share of columns that are right, none wrong on the key.

The truth is a table made by hand. docs/importing.md shows the scores; words such as `rec_id`, `addr` and `suburb` were
learnt from these files, so the second test asks for the names of a form in eleven languages, which were not.
"""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import mimcore as mim
from mimcore.capture.mapping.proposal import propose_mapping, shown
from mimcore.capture.reading.tabular import as_text_rows

ROOT = Path(__file__).resolve().parents[3]
OUTSIDE = ROOT / "tests" / "outside"
FEBRL = {
    "rec_id": "contact.external_id", "given_name": "contact.name.given", "surname": "contact.name.family",
    "street_number": None, "address_1": "contact.street", "address_2": None, "suburb": "contact.city",
    "postcode": "contact.postal_code", "state": "contact.region", "date_of_birth": "contact.birth_date",
    "soc_sec_id": None,
}  # fmt: skip
FODORS = {
    "id": "contact.external_id", "name": "account.name", "addr": "account.street",
    "city": "account.city", "phone": "contact.phones", "type": None,
}  # fmt: skip
BANK = {
    "ID": "contact.external_id", "Age": None, "Experience": None, "Income": "contact.annual_income",
    "ZIP Code": "contact.postal_code", "Family": "contact.household_size", "CCAvg": None,
    "Education": "contact.education", "Mortgage": None, "Personal Loan": None, "Securities Account": None,
    "CD Account": None, "Online": None, "CreditCard": None,
}  # fmt: skip
BOOKS = {"ID#": "contact.external_id"}
CDNOW = {"ID": "contact.external_id"}
FILES = {
    "febrl/dataset1_part.csv": (FEBRL, "AU", 11, {"created": 298, "rejected": 2}),
    "fodors/fodors_part.csv": (FODORS, "US", 6, {"created": 199, "rejected": 1}),
    "charles_book_club/charles_book_club_part.csv": (BOOKS, None, 24, {"created": 300}),
    "universal_bank/universal_bank_part.csv": (BANK, None, 12, {"created": 200}),
    "cdnow/cdnow_customers_summary.csv": (CDNOW, None, 4, {"created": 2_357}),
}
KEYS = {"contact.external_id", "contact.emails", "contact.phones"}


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_understood_and_imported(name, import_clock):
    """The score is exactly what the page says; a wrong key would find wrong people, so there is none."""
    truth, region, right, counts = FILES[name]
    with mim.connect("memory:", actor="tester", clock=import_clock) as store:
        plan = store.plan_import(OUTSIDE / name, source="outside", mapping="auto", region=region)
        guessed = {one.column: one.field and shown(one.field) for one in plan.proposal.columns}
        assert sum(found == truth.get(column) for column, found in guessed.items()) == right
        assert not [column for column, found in guessed.items() if found in KEYS and found != truth.get(column)]
        assert all(0 < one.confidence <= 1 for one in plan.proposal.columns if one.field)
        assert plan.counts == counts
        assert dict(plan.apply().counts) == counts
    page = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    assert re.search(rf"\| {re.escape(name.rpartition('/')[2])} \|.*\| {right} of {len(guessed)} \|", page)


def test_purchases_of_real_customers(tmp_path, import_clock):
    """CDNOW's sample has neither header nor delimiter; with both, its purchases are understood but for the currency."""
    lines = (OUTSIDE / "cdnow" / "CDNOW_sample.txt").read_text(encoding="utf-8").splitlines()[:500]
    rows = [line.split() for line in lines]
    text = "".join(f"{int(one)},{day},{number},{amount} USD\n" for _, one, day, number, amount in rows)
    file = tmp_path / "purchases.csv"
    file.write_text("customer_id,date,quantity,amount\n" + text, encoding="utf-8")
    with mim.connect("memory:", actor="tester", clock=import_clock) as store:
        store.plan_import(OUTSIDE / "cdnow" / "cdnow_customers_summary.csv", source="cdnow").apply()
        plan = store.plan_import(file, source="cdnow", kind="purchases", mapping="auto")
        assert {one.column: one.field for one in plan.mapping.columns} == {
            "customer_id": "contact.external_id",
            "date": "event.at",
            "quantity": "event.quantity",
            "amount": "event.value",
        }
        assert plan.counts == {"created": 500}


FORM = ("contact.name.given", "contact.name.family", "contact.emails", "contact.phones", "contact.birth_date",
        "contact.street", "contact.postal_code", "contact.city", "contact.country", "contact.employer")  # fmt: skip
CELLS = ("Ana", "Berg", "ana@acme.dk", "+45 20 12 34 56", "1990-05-31", "Havnegade 2", "8000", "Aarhus", "DK", "Acme")
LANGUAGES = {
    "en": "First name|Last name|Email address|Phone number|Date of birth|Street address|Postcode|Town|Country|Company",
    "da": "Fornavn|Efternavn|E-mailadresse|Telefonnummer|Fødselsdato|Adresse|Postnummer|By|Land|Virksomhed",
    "sv": "Förnamn|Efternamn|E-postadress|Telefonnummer|Födelsedatum|Adress|Postnummer|Ort|Land|Företag",
    "no": "Fornavn|Etternavn|E-post|Mobilnummer|Fødselsdato|Gateadresse|Postnr|Poststed|Land|Bedrift",
    "de": "Vorname|Nachname|E-Mail-Adresse|Telefon|Geburtsdatum|Straße|PLZ|Wohnort|Land|Firma",
    "fr": "Prénom|Nom de famille|Adresse e-mail|Téléphone|Date de naissance|Rue|Code postal|Ville|Pays|Société",
    "es": "Nombre|Apellidos|Correo electrónico|Teléfono|Fecha de nacimiento|Dirección|Código postal|Ciudad|País|Empresa",
    "it": "Primeiro nome|Cognome|Indirizzo email|Telefono|Data di nascita|Indirizzo|CAP|Città|Paese|Azienda",
    "nl": "Voornaam|Achternaam|E-mailadres|Telefoonnummer|Geboortedatum|Straat|Postcode|Woonplaats|Land|Bedrijf",
    "pt": "Primeiro nome|Apelido|E-mail|Telemóvel|Data de nascimento|Morada|Código postal|Localidade|País|Empresa",
    "pl": "Imię|Nazwisko|Adres e-mail|Telefon|Data urodzenia|Ulica|Kod pocztowy|Miasto|Kraj|Firma",
    "fi": "Etunimi|Sukunimi|Sähköposti|Puhelinnumero|Syntymäaika|Katuosoite|Postinumero|Kaupunki|Maa|Yritys",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_in_every_language_is_understood(language):
    """All ten columns of an ordinary form; of these 120 names one (`Localidade`) was added after the first run."""
    headers = LANGUAGES[language].split("|")
    rows = as_text_rows([dict(zip(headers, CELLS, strict=True))])
    found = propose_mapping(rows.headers, rows, zone=ZoneInfo("UTC"))
    assert [one.field and shown(one.field) for one in found.columns] == list(FORM)
