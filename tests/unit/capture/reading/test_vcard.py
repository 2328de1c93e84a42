"""vCards of three versions: folded and encoded lines, several addresses, preferences, what is broken."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimcore.capture.reading.vcard import read_vcards
from mimcore.capture.reading.vcard_lines import parted
from mimcore.errors import CaptureError

FULL = r"""
BEGIN:VCARD
VERSION:3.0
FN:Fru Ana Maria Berg
N:Berg;Ana;Maria;Fru;
EMAIL;TYPE=INTERNET:ana@home.dk
item1.EMAIL;type=INTERNET;type=pref:ana@acme.dk
TEL;TYPE=CELL:+45 20 12 34 56
TEL;TYPE=FAX:+45 32 12 34 56
ADR;TYPE=home:;;Gade 1;Odense;;5000;Danmark
ADR;TYPE=work,pref:;;Havnegade 2\, 3. sal;Aarhus;Midt;8000;Danmark
ORG:Acme A/S;Sales
TITLE:Head of Sales
BDAY:1990-05-01
CATEGORIES:vip,fair\, spring
NOTE:long text that is
  folded
URL:https://acme.dk
UID:urn:uuid:1
REV:20260301T093000Z
PHOTO;ENCODING=b:AAAA
 AAAA
END:VCARD
"""


def cards(text, codec="utf-8", end="\r\n"):
    """Open a text as a file of vCards, and return its rows as dicts, or problems."""
    source = read_vcards(io.BytesIO(text.strip().replace("\n", end).encode(codec)))
    rows = [row.problem or dict(zip(source.headers, row.values, strict=True)) for row in source]
    assert rows == [row.problem or dict(zip(source.headers, row.values, strict=True)) for row in source]
    return source, rows


def test_everything_of_a_card_3_0():
    """The preferred address first, escapes and folds undone, what has no column counted."""
    source, (card,) = cards(FULL)
    assert {name: value for name, value in card.items() if value} == {
        "FN": "Fru Ana Maria Berg", "N.family": "Berg", "N.given": "Ana", "N.middle": "Maria", "N.prefix": "Fru",
        "EMAIL": "ana@acme.dk;ana@home.dk", "TEL": "+45 20 12 34 56", "CATEGORIES": "vip;fair, spring",
        "ORG": "Acme A/S", "TITLE": "Head of Sales", "BDAY": "1990-05-01", "NOTE": "long text that is folded",
        "URL": "https://acme.dk", "UID": "urn:uuid:1", "REV": "2026-03-01T09:30:00Z",
        "ADR.street": "Havnegade 2, 3. sal", "ADR.city": "Aarhus", "ADR.region": "Midt", "ADR.postal_code": "8000",
        "ADR.country": "Danmark",
    }  # fmt: skip
    (note,) = source.notes
    assert set(note.partition(": ")[2].split(", ")) == {"PHOTO (1)", "further ADR (1)", "fax and pager numbers (1)"}


def test_version_2_1_quoted_printable_and_version_4_0_uris():
    """Soft line breaks, another character set, bare type words; preferences by number, `tel:` addresses."""
    text = """
BEGIN:VCARD
VERSION:2.1
N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:S=F8rensen;Bj=F8rn
NOTE;ENCODING=QUOTED-PRINTABLE:first=
 and second=0D=0Aline
TEL;CELL;PREF:+4520123456
TEL;WORK:+4532123456
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Bo
TEL;VALUE=uri;PREF=2:tel:+46-8-123456;ext=12
TEL;VALUE=uri;PREF=1;TYPE="cell,voice":tel:+46-70-1234567
BDAY:--0412
GENDER:M
END:VCARD
"""
    source, (first, second) = cards(text, end="\n")
    assert (first["N.family"], first["N.given"]) == ("Sørensen", "Bjørn")
    assert first["NOTE"] == "first and second\r\nline"
    assert first["TEL"] == "+4520123456;+4532123456"
    assert second["TEL"] == "+46-70-1234567;+46-8-123456"
    assert (second["BDAY"], second["GENDER"]) == ("", "M")
    assert source.notes == ("left out, with the number of cards: birthdays without a year (1)",)


def test_broken_cards_are_refused_with_their_line_and_the_rest_is_read():
    """Without an end, with a line that is no property, a group, text outside of cards."""
    text = """
junk
BEGIN:VCARD
FN:Lost
BEGIN:VCARD
FN:Ana
END:VCARD
BEGIN:VCARD
FN:Bo
no property
END:VCARD
BEGIN:VCARD
KIND:group
END:VCARD
BEGIN:VCARD
FN:Cut
"""
    source, _ = cards(text)
    told = [(row.line, row.problem.reason if row.problem else row.values[0]) for row in source]
    assert told == [
        (1, "stands outside a card"),
        (2, "is a card without END:VCARD"),
        (4, "Ana"),
        (7, "has no property on line 9"),
        (11, "is a list of cards, no contact"),
        (14, "is a card without END:VCARD"),
    ]


def test_a_file_without_cards_is_an_error():
    """Nothing to read."""
    with pytest.raises(CaptureError, match="holds no vCard"):
        read_vcards(io.BytesIO(b"\n\n"))


@given(st.lists(st.text("ab;,\\\n", max_size=6), min_size=1, max_size=4))
def test_escaping_is_undone_exactly(values):
    """Whatever is escaped after RFC 6350 comes back."""
    escaped = [
        value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n") for value in values
    ]
    assert parted(";".join(escaped), ";") == [value.strip() for value in values]
