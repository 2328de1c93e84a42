"""From the truth to the files that a shop really has: titles in three spellings, typing errors, the same person twice.

What is wrong is known, because it is injected here: `Files.mistyped` and `Files.copies` are the truth that the demo's
findings are held against.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo.cast import MAILED_ON, SEED, TODAY, Cast, Customer

__all__ = ["Copy", "Files", "Row", "write_files"]

Row = dict[str, str]
_TITLES = {
    "mr": ("Mr", "Mr.", "MR"),
    "mrs": ("Mrs", "Mrs.", "MRS"),
    "ms": ("Ms", "Ms."),
    "": ("",),
}
_LOCAL_TITLES = {("mrs", "SE"): "Fru", ("mrs", "DE"): "Frau", ("mr", "DE"): "Herr", ("mr", "SE"): "Herr"}
_COPY_KINDS = ("title", "capitals", "phone", "initial", "misspelt", "address", "moved")


@dataclass(frozen=True, slots=True)
class Copy:
    """◇ A second record of one customer, with what tells them apart."""

    number: str
    of: str
    kind: str


@dataclass(frozen=True)
class Files:
    """The files in a folder, and what was injected into them."""

    folder: Path
    contacts: tuple[Row, ...]
    mistyped: frozenset[str]
    copies: tuple[Copy, ...]
    mended: tuple[Row, ...]
    again: tuple[Row, ...]

    def path(self, name: str) -> Path:
        """Return the path of one file."""
        return self.folder / name


def write_files(cast: Cast, folder: Path) -> Files:
    """Write everything that the story imports, and return what is in it."""
    draw = Random(SEED + 1)
    clean = {one.number: _contact(one, draw) for one in cast.customers}
    mistyped, copies = _chosen(cast.customers, draw)
    rows = [
        _mistyped(clean[one.number], draw) if one.number in mistyped else clean[one.number] for one in cast.customers
    ]
    by_number = {one.number: one for one in cast.customers}
    rows += [_copied(by_number[one.of], one, draw) for one in copies]
    draw.shuffle(rows)
    mended = [clean[number] for number in sorted(mistyped, key=int)]
    consents = [
        {
            "customer": one.number,
            "e-mail": one.email,
            "newsletter": _word(one.newsletter),
            "last update": str(one.updated_on),
        }
        for one in cast.customers
    ]
    again = [
        {**_otherwise(clean[one["customer"]]), "newsletter": "yes"}
        for one in consents
        if one["customer"] in cast.withdrawn
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "tayko.csv": [_real(one) for one in cast.customers],
        "contacts.csv": rows,
        "mended.csv": mended,
        "consents.csv": consents,
        "again.csv": again,
        "answers.csv": list(_events(cast.customers, is_answer=True)),
        "events.csv": list(_events(cast.customers, is_answer=False)),
    }.items():
        _write(folder / name, content)
    return Files(folder, tuple(rows), mistyped, copies, tuple(mended), tuple(again))


def _real(one: Customer) -> Row:
    tags = [tag for tag, is_set in (("web-order", one.web_order), ("residential", one.is_residential)) if is_set]
    return {
        "customer": one.number,
        "list": one.list_name,
        "country": "US" if one.is_us else "",
        "gender": "male" if one.is_male else "",
        "tags": ";".join(tags),
        "first update": str(TODAY - timedelta(days=one.first_update_days)),
        "last update": str(one.updated_on),
    }


def _contact(one: Customer, draw: Random) -> Row:
    title = _LOCAL_TITLES.get((one.title, one.country)) or draw.choice(_TITLES[one.title])
    name = f"{title} {one.given} {one.family}".strip()
    born = one.birth_date
    return {
        "customer": one.number,
        "name": name.upper() if draw.random() < 0.05 else name,
        "e-mail": draw.choice((one.email, one.email, f" {one.email}", _capital_domain(one.email))),
        "phone": _as_typed(one.phone, draw),
        "country": "" if one.is_us else one.country,
        "city": one.city,
        "street": one.street,
        "postal code": one.postal_code,
        "born": "" if born is None else draw.choice((born.isoformat(), f"{born:%d.%m.%Y}")),
        "interests": "; ".join(one.interests),
        "devices": ";".join(one.devices),
        "job title": one.job[0] if one.job else "",
        "seniority": one.job[1] if one.job else "",
        "company": one.company.name if one.company else "",
        "company domain": one.company.domain if one.company else "",
        "tags": "free-plan" if one.free_plan else "",
        "last update": str(one.updated_on),
    }


def _capital_domain(email: str) -> str:
    local, _, domain = email.partition("@")
    return f"{local}@{domain.upper()}"


def _as_typed(phone: str, draw: Random) -> str:
    if phone.startswith("+1"):
        area, first, last = phone[2:5], phone[5:8], phone[8:]
        return draw.choice((phone, f"({area}) {first}-{last}", f"{area}.{first}.{last}", f"1-{area}-{first}-{last}"))
    return phone if not phone or draw.random() < 0.5 else f"{phone[:3]} {phone[3:5]} {phone[5:]}"


def _chosen(customers: Sequence[Customer], draw: Random) -> tuple[frozenset[str], tuple[Copy, ...]]:
    """Choose who is mistyped (3 %) and who is in the file twice (8 %); nobody is both."""
    numbers = [one.number for one in customers]
    draw.shuffle(numbers)
    errors, copies = max(4, len(numbers) * 3 // 100), max(7, len(numbers) * 8 // 100)
    has_phone = {one.number for one in customers if one.phone}
    made: list[Copy] = []
    for place, number in enumerate(sorted(numbers[errors : errors + copies], key=int)):
        kind = _COPY_KINDS[place % len(_COPY_KINDS)]
        made.append(Copy(f"D{place + 1}", number, "title" if kind == "phone" and number not in has_phone else kind))
    return frozenset(numbers[:errors]), tuple(made)


def _mistyped(row: Row, draw: Random) -> Row:
    email, domain = row["e-mail"].strip(), row["e-mail"].strip().partition("@")[2]
    wrong = draw.choice(
        (
            {"e-mail": email.replace("@", "(at)")},
            {"e-mail": email.replace(domain, domain.replace(".", ".."))},
            {"e-mail": email.replace(domain, domain.replace(".", ","))},
            {"phone": "555-01"},
            {"born": "31.02.1980"},
        )
    )
    return {**row, **wrong}


def _copied(one: Customer, copy: Copy, draw: Random) -> Row:
    """Write the same person once more, as another team would have done it."""
    seen = date.fromisoformat(str(one.updated_on)) + timedelta(days=draw.randint(0, one.last_update_days - 1))
    row = {**_contact(one, draw), "customer": copy.number, "country": one.country, "last update": str(seen), "tags": ""}
    name = f"{one.given} {one.family}"
    other = f"{one.given[0]}.{one.family}.{copy.number}@example.org".lower()
    changes: Mapping[str, Row] = {
        "title": {"name": f"{ {'mr': 'Herr', 'mrs': 'Fru'}.get(one.title, 'Dr.') } {name}"},
        "capitals": {"e-mail": one.email.upper(), "name": name.upper()},
        "phone": {"e-mail": other, "name": name},
        "initial": {"name": f"{one.given[0]}. {one.family}", "phone": ""},
        "misspelt": {"name": f"{one.given} {one.family[:-1]}{'x' if one.family[-1] != 'x' else 'z'}", "phone": ""},
        "address": {"e-mail": other, "phone": "", "name": name},
        "moved": {
            "e-mail": other,
            "phone": "",
            "name": name,
            "street": "1 New Road",
            "postal code": f"9{one.postal_code[1:]}",
        },
    }
    return {**row, **changes[copy.kind]}


def _otherwise(row: Row) -> Row:
    """Write a row in another spelling."""
    words = row["name"].split()
    return {**row, "e-mail": f" {row['e-mail'].strip().upper()} ", "name": " ".join(words).upper()}


def _word(newsletter: bool | None) -> str:  # noqa: FBT001 - the answer itself
    return {True: "yes", False: "no", None: ""}[newsletter]


def _events(customers: Iterable[Customer], *, is_answer: bool) -> Iterable[Row]:
    for one in customers:
        for bought in one.purchases:
            if bought.is_answer == is_answer:
                yield {
                    "id": bought.number,
                    "customer": one.number,
                    "kind": "purchase",
                    "at": bought.at.isoformat(),
                    "amount": f"{bought.cents / 100:.2f}",
                    "gift": "yes" if bought.is_gift else "no",
                    "campaign": "winter-mailing" if is_answer else "",
                }
        if not is_answer:
            nothing = {"amount": "", "gift": "", "campaign": ""}
            sent = {
                "id": f"{one.number}-s",
                "customer": one.number,
                "kind": "mailing_sent",
                "at": f"{MAILED_ON}T08:00:00+00:00",
            }
            yield {**sent, **nothing, "campaign": "winter-mailing"}
            for index, at in enumerate(one.visits):
                yield {
                    "id": f"{one.number}-v{index}",
                    "customer": one.number,
                    "kind": "page_view",
                    "at": at.isoformat(),
                    **nothing,
                }


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["customer"])
        writer.writeheader()
        writer.writerows(rows)
