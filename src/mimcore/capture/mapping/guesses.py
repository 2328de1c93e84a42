"""From what each column probably is to the target it is proposed for: all columns of a file seen together.

One column alone can be right and the whole still wrong: two could both be the key, addresses in a column of another
name may be somebody else's, and a list of companies looks like one of people. That is settled here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mimcore.capture.mapping.cells import is_missing
from mimcore.capture.mapping.column_kinds import ColumnKind, DateOrder
from mimcore.capture.mapping.header_names import COMPANY_WORDS, OTHER_PEOPLE
from mimcore.capture.mapping.sniff import ColumnGuess, guess_column, header_key
from mimcore.capture.mapping.targets import EVENT_CONTACT, Declared, check_target, spec_of
from mimcore.capture.mapping.transform_words import default, map_values, read_dates, read_money, split
from mimcore.capture.mapping.transforms import SIGNS
from mimcore.display import percent
from mimcore.errors import InvalidValueError
from mimcore.rules.language.catalogue import Kind
from mimcore.values.currencies import currency_code

__all__ = ["UNKNOWN", "Guess", "guesses_of", "transforms_for"]

UNKNOWN = "no field is known for it"
_MANY = frozenset({"contact.emails", "contact.phones"})
_ID = "contact.external_id"
_AMBIGUOUS_DATES = "its dates may be day first or month first; map it with read_dates('DMY') or read_dates('MDY')"
_RECORD_DATE = re.compile(
    "(?:last)?(?:updated?|modified)(?:at|on)?|modifieddate|(?:zuletzt)?geandert(?:am)?|(?:sidst)?opdateret|uppdaterad"
    "|oppdatert|misajour|ultimaactualizacion|ultimaatualizacao|ultimamodifica|laatstgewijzigd|muokattu|zmodyfikowano"
)
_GENDERS = {
    **dict.fromkeys(("f", "female", "woman", "w", "weiblich", "frau", "k", "kvinde", "kvinna", "femme"), "female"),
    **dict.fromkeys(("mujer", "donna", "femmina", "vrouw", "mulher", "feminino", "kobieta", "nainen"), "female"),
    **dict.fromkeys(("m", "male", "man", "männlich", "mann", "mand", "homme", "hombre"), "male"),
    **dict.fromkeys(("uomo", "maschio", "homem", "masculino", "mężczyzna", "mies"), "male"),
    **dict.fromkeys(("nb", "non-binary", "non binary", "nonbinary", "non_binary", "divers", "x"), "non_binary"),
    **dict.fromkeys(("other", "andet", "annat", "autre", "otro", "altro", "anders", "outro", "inne", "muu"), "other"),
    **dict.fromkeys(("u", "unknown", "not stated"), ""),
}  # fmt: skip
_MARITAL = {
    **dict.fromkeys(("alone", "never married", "unmarried", "ledig", "ugift", "celibataire", "soltero"), "single"),
    **dict.fromkeys(("together", "partner", "cohabiting", "civil partnership", "samboende", "samlevende"), "partnered"),
    **dict.fromkeys(("verheiratet", "gift", "marié", "mariée", "casado", "casada", "sposato", "sposata"), "married"),
    **dict.fromkeys(
        ("geschieden", "fraskilt", "skild", "skilt", "divorcé", "divorcée", "divorciado", "divorziato"), "divorced"
    ),
    **dict.fromkeys(("widow", "widower", "verwitwet", "enke", "enkemand", "änka", "veuf", "veuve"), "widowed"),
}
_GENDER = "contact.demographic.gender"
_WORDS = {_GENDER: _GENDERS, "contact.demographic.marital_status": _MARITAL}
"""What people write for the codes of some vocabularies, in lower case."""
_ADDRESS = ("street", "city", "region", "postal_code", "country")
_COMPANIES = 0.2
_SHARED = {
    "name": "account.name",
    "external_id": "account.external_id",
    "employment.employer": "account.name",
    "employment.industry": "account.firmographic.industry",
    "owner": "account.owner",
    "tags": "account.tags",
    "notes": "account.notes",
}
"""What a column of a file about accounts is, that a file about people would have for them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column is proposed for.

    Attributes:
        column: Its name.
        target: The target, or None if it is left out.
        transforms: What its cells need.
        confidence: 0-1.
        why: The reason, for taking it or for leaving it out; empty where nothing is lost.
    """

    column: str
    target: str | None
    transforms: tuple[Any, ...]
    confidence: float
    why: str


def guesses_of(
    cells: Mapping[str, Sequence[str]], kind: str, declared: Declared, currency: str | None = None
) -> list[Guess]:
    """Guess the targets of all columns of a file.

    Args:
        cells: The sample of each column, by name.
        kind: `contacts`, `accounts`, or a kind of events.
        declared: Custom attributes of the store.
        currency: Of amounts that name none.

    Returns:
        One guess a column, in the order of the file.
    """
    is_of_records = kind in {"contacts", "accounts"}
    found = [_guess(name, sample, declared, currency, is_of_records) for name, sample in cells.items()]
    settled = list(_settled_key(_settled_emails(found), cells, is_of_records))
    if kind == "accounts":
        return [of_account(one) for one in settled]
    return list(_of_companies(settled, cells)) if is_of_records else _of_currencies(settled, cells, currency)


def _of_currencies(guesses: list[Guess], cells: Mapping[str, Sequence[str]], currency: str | None) -> list[Guess]:
    """Let a column name the currency of amounts by row, unless their cells name one themselves."""
    named = next((one for one in guesses if one.target == "event.currency"), None)
    amount = next((one for one in guesses if one.target == "event.value"), None)
    if named is None:
        return guesses
    texts = [] if amount is None else [cell for cell in cells[amount.column] if not is_missing(cell, "event.value")]
    if amount is None or any(_currency(cell.strip()) for cell in texts):
        why = "it is the currency of amounts, and " + ("no column has any" if amount is None else "they name their own")
        return [_without(one, why) if one is named else one for one in guesses]
    read = {
        "event.value": (read_money(decimal=_decimal(texts)),),
        "event.currency": () if currency is None else (default(currency),),
    }
    return [replace(one, transforms=read.get(one.target or "", one.transforms)) for one in guesses]


def _decimal(cells: Sequence[str]) -> Literal[".", ","]:
    commas = sum(re.search(r",\d{1,2}\D*$", cell) is not None for cell in cells)
    return "," if commas * 2 > len(cells) else "."


def _guess(name: str, sample: Sequence[str], declared: Declared, currency: str | None, is_of_records: bool) -> Guess:  # noqa: FBT001
    guess = guess_column(name, sample)
    target = _declared(name, declared, is_of_records) or _target(name, guess, is_of_records)
    if target is None:
        why = "" if guess.kind is ColumnKind.EMPTY else UNKNOWN
        return Guess(name, None, (), guess.confidence, why)
    if guess.date_order is DateOrder.DMY_OR_MDY:
        return Guess(name, None, (), guess.confidence, _AMBIGUOUS_DATES)
    transforms = transforms_for(target, guess, sample, declared, currency)
    return Guess(name, target, transforms, guess.confidence, guess.why)


def _declared(header: str, declared: Declared, is_of_records: bool) -> str | None:  # noqa: FBT001
    """Return the custom attribute that a column is named after."""
    if not is_of_records:
        return None
    return next((name for name, spec in declared.items() if header_key(spec.short) == header_key(header)), None)


def _target(header: str, guess: ColumnGuess, is_of_records: bool) -> str | None:  # noqa: FBT001
    if _RECORD_DATE.fullmatch(header_key(header)) and guess.date_order is not None:
        return "observed_at" if is_of_records else None
    if guess.field is None:
        # Addresses under a name that means something else (`owner`, `city`) are not the contact's.
        is_open = guess.kind is ColumnKind.EMAIL and guess.confidence > 0.5
        return "contact.emails" if is_open else None
    try:
        target = check_target(guess.field)
    except InvalidValueError:
        return None
    is_of_event = target.startswith("event.")
    is_wanted = not is_of_event if is_of_records else is_of_event or target in EVENT_CONTACT
    return target if is_wanted else None


def transforms_for(
    target: str, guess: ColumnGuess, sample: Sequence[str], declared: Declared, currency: str | None = None
) -> tuple[Any, ...]:
    """Return the transformations that the cells of a column need.

    Args:
        target: Canonical name of the field.
        guess: What the column is.
        sample: Its cells.
        declared: Custom attributes of the store.
        currency: Of amounts that name none.
    """
    spec = spec_of(target, declared)
    if guess.date_order is not None:
        return (read_dates({DateOrder.DMY: "DMY", DateOrder.MDY: "MDY"}.get(guess.date_order, "YMD")),)  # type: ignore[arg-type]
    if target in _WORDS:
        return (map_values(_WORDS[target], is_closed=target == _GENDER),)
    if spec is not None and spec.kind is Kind.MONEY:
        return _money(sample, currency)
    if target in _MANY or (spec is not None and spec.kind in {Kind.TAGS, Kind.CODES, Kind.RECORDS}):
        separators = ";|" if target in _MANY else ";|,"
        used = [sign for sign in separators if sum(sign in cell for cell in sample) * 10 > len(sample)]
        return (split(used[0]),) if used else ()
    return ()


def _money(sample: Sequence[str], declared: str | None) -> tuple[Any, ...]:
    """Read amounts whose cells all name one currency, or none; a sign that several currencies share names none."""
    filled = [cell.strip() for cell in sample if not is_missing(cell, "event.value")]
    currencies = {_currency(cell) for cell in filled}
    if len(currencies) != 1 or (currency := currencies.pop() or declared) is None:
        return ()
    return (read_money(currency, _decimal(filled)),)


def _currency(cell: str) -> str | None:
    word = re.sub(r"[\d\s.,'’+-]", "", cell)
    owner = next((code for code, sign in SIGNS.items() if word.casefold() == sign.casefold()), None)
    if owner is not None:
        return owner
    try:
        return currency_code(word, "")
    except InvalidValueError:
        return None


def _settled_emails(guesses: Sequence[Guess]) -> Iterator[Guess]:
    """Take addresses only where they are surely the contact's own."""
    mails = [one for one in guesses if one.target == "contact.emails"]
    named = [one for one in mails if one.why.startswith("its name")]
    for one in guesses:
        words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", one.column).casefold()))
        if one not in mails:
            yield one
        elif words & OTHER_PEOPLE or any(header_key(one.column).startswith(word) for word in OTHER_PEOPLE):
            yield _without(one, "its e-mail addresses may be another person's; map it if they are the contact's own")
        elif one not in named and (named or len(mails) > 1):
            yield _without(one, "it holds e-mail addresses, but its name does not say whose")
        else:
            yield one


def _settled_key(
    guesses: Iterator[Guess],
    cells: Mapping[str, Sequence[str]],
    is_of_records: bool,  # noqa: FBT001
) -> Iterator[Guess]:
    """Leave ids out where two columns could be the contact's, or where an id does not tell rows apart."""
    listed = list(guesses)
    ids = [one for one in listed if one.target == _ID]
    for one in listed:
        if one.target != _ID:
            yield one
        elif len(ids) > 1:
            others = " and ".join(f"'{other.column}'" for other in ids)
            yield _without(one, f"{others} could both be the id of the contact; map the one that is")
        elif is_of_records and _repeats(cells[one.column]):
            yield _without(one, "its cells repeat, so that it is no id of a contact")
        else:
            yield one


def _repeats(sample: Sequence[str]) -> bool:
    filled = Counter(cell.strip() for cell in sample if not is_missing(cell, _ID))
    return sum(filled.values()) > len(filled) * 1.1


def _of_companies(guesses: Sequence[Guess], cells: Mapping[str, Sequence[str]]) -> Iterator[Guess]:
    """Take `name` for the company's, and the address with it, where many names hold words of companies."""
    name = next((one for one in guesses if one.target == "contact.name"), None)
    targets = {one.target for one in guesses}
    share = 0.0 if name is None else _company_share(cells[name.column])
    parts = {"contact.name.given", "contact.name.family", "contact.emails", "account.name"}
    if name is None or share < _COMPANIES or targets & parts:
        yield from guesses
        return
    why = f"{percent(share, 0)} of the names have words that companies have, and no column is a person's"
    for one in guesses:
        part = (one.target or "").removeprefix("contact.demographic.")
        if one is name:
            yield replace(one, target="account.name", confidence=0.6, why=why)
        elif part in _ADDRESS and (one.target or "").startswith("contact.demographic."):
            yield replace(one, target=f"account.firmographic.{part}", confidence=min(one.confidence, 0.6))
        else:
            yield one


def of_account(guess: Guess) -> Guess:
    """Return the guess for a column of a file that is said to be about accounts.

    Args:
        guess: What it would be in a file about people.
    """
    if guess.target is None or not guess.target.startswith("contact."):
        return guess
    part = guess.target.removeprefix("contact.")
    place = part.removeprefix("demographic.")
    if part in _SHARED:
        return replace(guess, target=_SHARED[part])
    if place in _ADDRESS and place != part:
        return replace(guess, target=f"account.firmographic.{place}")
    return _without(guess, "it is a contact's, and the file is about accounts")


def _company_share(sample: Sequence[str]) -> float:
    filled = [cell for cell in sample if not is_missing(cell, "contact.name")]
    named = sum(bool(COMPANY_WORDS & set(re.findall(r"[^\W\d_]+|&", cell.casefold()))) for cell in filled)
    return named / len(filled) if filled else 0.0


def _without(guess: Guess, why: str) -> Guess:
    return replace(guess, target=None, transforms=(), why=why)
