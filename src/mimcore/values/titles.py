"""Titles and name suffixes: every spelling of a form of address is one code.

'Mrs', 'Mrs.', 'MRS', 'Fru', 'Frau', 'Mme' and 'Sra.' are all `mrs`. Titles combine: 'Frau Prof. Dr.' is
`mrs prof dr`, in an order that does not depend on how it was written. Left out on purpose, because they are names or
initials more often: 'M.', 'Don', 'Prince', 'Fr.', 'D.'. Some that are names too ('Pan', 'Sri',
'Major') count only before two more words. Miss, Fröken and Mlle are `ms`: marital status is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mimcore.errors import InvalidValueError
from mimcore.values.text import fold

__all__ = [
    "SUFFIXES",
    "TITLES",
    "as_suffix",
    "as_title",
    "is_plain_word_suffix",
    "join_titles",
    "leading_titles",
    "title_key",
    "title_of",
]

TITLES: dict[str, str] = {
    "mr": """Mr|Mister|Herr|Herrn|Hr|Dhr|De heer|Heer|Monsieur|Mons|Señor|Senor|Sr|Sig|Signor|Signore|Senhor
        |Pan|Gospodin|Gosp|Herra|Domnul|Dl|Härra|Shri|Sri|Shree|Bay|Господин|г-н|Пан|Κύριος|Κος""",  # noqa: RUF001
    "mrs": """Mrs|Missus|Missis|Fru|Frau|Mme|Madame|Señora|Senora|Sra|Srª|Signora|Sigra|Sig.ra|Senhora|Mevr|Mevrouw|Mw
        |Pani|Paní|Rouva|Rva|Doamna|Dna|Proua|Gospođa|Gđa|Gospa|Doña|Dña|Smt|Shrimati|Srimati|Госпожа|г-жа|Пані|Κυρία|Κα""",  # noqa: RUF001
    "ms": """Ms|Miss|Fröken|Frk|Frøken|Fräulein|Frl|Mademoiselle|Mlle|Señorita|Senorita|Srta|Signorina|Sig.na|Signa
        |Mejuffrouw|Mej|Juffrouw|Neiti|Nti|Slečna|Senhorita|Srtª|Kumari|Δεσποινίς""",
    "mx": "Mx",
    "sir": "Sir",
    "dame": "Dame",
    "lady": "Lady",
    "lord": "Lord",
    "baron": "Baron|Freiherr",
    "baroness": "Baroness|Freifrau|Freiin",
    "count": "Count|Graf|Comte",
    "countess": "Countess|Gräfin|Comtesse",
    "sheikh": "Sheikh|Sheik|Shaikh",
    "senator": "Senator",
    "gov": "Gov|Governor",
    "rev": "Rev|Reverend|The Rev|The Reverend|Revd|Pastor|Pfarrer",
    "father": "Father|Padre",
    "sister": "Sister|Schwester|Soeur|Sœur",
    "brother": "Brother|Bruder",
    "rabbi": "Rabbi|Rabbiner",
    "imam": "Imam",
    "hon": "Hon|The Hon|Honourable|Honorable|The Honourable|The Honorable|Rt Hon|The Rt Hon",
    "judge": "Judge|Justice",
    "amb": "Amb|Ambassador",
    "gen": "Gen|General",
    "ltcol": "Lt Col|LtCol|Lieutenant Colonel|Oberstleutnant",
    "col": "Col|Colonel|Oberst",
    "maj": "Maj|Major",
    "capt": "Capt|Captain|Cpt|Hauptmann|Kapitän",
    "lt": "Lt|Lieutenant|Leutnant",
    "sgt": "Sgt|Sergeant",
    "adm": "Adm|Admiral",
    "cmdr": "Cmdr|Commander",
    "prof": "Prof|Professor|Professeur|Professore|Profa|Profª|Prof.in|Professorin|Professoressa|Prof.ssa|Проф",
    "dr": """Dr|Doctor|Doktor|Docteur|Dottore|Dott|Dott.ssa|Dottoressa|Dra|Doutor|Doutora|Drª|Dr.in|Dokter
        |Dr med univ|Dr med|Dr med dent|Dr med vet|Dr phil|Dr jur|Dr iur|Dr rer nat|Dr rer pol
        |Dr h c|Dr hc|Dr Ing|Dr-Ing|Др|Д-р""",  # noqa: RUF001
    "drs": "Drs",
    "mag": "Mag|Magister|Mag.a|Mgr",
    "ing": "Ing|Ir|Dipl Ing|Dipl-Ing|Ingenieur|Ingénieur|Ingeniero|Ing.in",
    "avv": "Avv|Avvocato|Adv|Advokat|Advocate|Abg",
    "lic": "Lic|Licda|Licenciado|Licenciada",
    "arq": "Arq|Arquitecto|Arquitecta",
    "judr": "JUDr",
    "mudr": "MUDr",
    "phdr": "PhDr",
    "rndr": "RNDr",
}
"""Canonical code to its spellings. The order of the codes is the order in a combined title."""

SUFFIXES: dict[str, str] = {
    "Jr": "Jr|Junior|Jnr|Jun|Júnior|Filho|Hijo|Fils",
    "Sr": "Sr|Senior|Snr|Sen|Père",
    "Neto": "Neto|Nieto",
    "I": "I|1st",
    "II": "II|2nd",
    "III": "III|3rd",
    "IV": "IV|4th",
    "V": "V|5th",
    "VI": "VI|6th",
    "PhD": "PhD|Ph D|DPhil|D Phil",
    "MD": "MD",
    "DDS": "DDS",
    "DVM": "DVM",
    "JD": "JD",
    "MBA": "MBA",
    "MSc": "MSc",
    "BSc": "BSc",
    "MA": "MA",
    "BA": "BA",
    "MS": "MS",
    "BS": "BS",
    "RN": "RN",
    "CPA": "CPA",
    "CFA": "CFA",
    "PE": "PE",
    "PMP": "PMP",
    "Esq": "Esq|Esquire",
    "OBE": "OBE",
    "MBE": "MBE",
    "CBE": "CBE",
    "KBE": "KBE",
    "QC": "QC",
    "KC": "KC",
    "MP": "MP",
    "LLM": "LLM",
    "LLB": "LLB",
    "Ret": "Ret|Retired",
}
"""Stored form of a suffix to its spellings."""

_ALSO_NAMES = frozenset(
    {
        "baron",
        "count",
        "graf",
        "bay",
        "father",
        "general",
        "justice",
        "mag",
        "major",
        "pan",
        "pastor",
        "sri",
        "ing",
        "ir",
        "sig",
    }
)
_ALSO_FAMILY = frozenset({"i", "v", "vi", "ma", "ba", "ms", "bs", "pe", "mp", "rn", "jun", "sen", "jd"})
_ALSO_LAST = frozenset({"filho", "fils", "hijo", "neto", "nieto", "père", "junior", "júnior", "senior", "md"})

_RANK = {code: rank for rank, code in enumerate(TITLES)}


def title_key(text: str) -> str:
    """Return the text as titles are compared: folded, without dots.

    Args:
        text: A title as somebody wrote it.

    Returns:
        The key.

    Examples:
        >>> title_key("Dipl.-Ing.")
        'dipl-ing'
    """
    return fold(fold(text).replace(".-", "-").replace(".", " ").replace("( ", "("))


def title_of(text: str) -> str | None:
    """Return the code of one title, or None if the text is not one.

    Args:
        text: One title in any spelling.

    Returns:
        The code.

    Examples:
        >>> title_of("FRU"), title_of("Mme."), title_of("Anna")
        ('mrs', 'mrs', None)
    """
    return _spellings().get(title_key(text))


def as_title(text: str, field: str = "title") -> str:
    """Return the canonical code of one or several titles.

    Args:
        text: Titles in any spelling and order.
        field: Name used in an error.

    Returns:
        Their codes in canonical order, each once.

    Raises:
        InvalidValueError: If a part is not a known title.

    Examples:
        >>> as_title("Dr. Prof."), as_title("Frau Dr. med.")
        ('prof dr', 'mrs dr')
    """
    codes, rest = leading_titles(text.split(), alone=True)
    if rest or not codes:
        raise InvalidValueError(field, "is not a known title", "use one such as 'mr', 'mrs', 'ms', 'mx', 'dr', 'prof'")
    return join_titles(codes)


def leading_titles(words: Sequence[str], *, alone: bool = False) -> tuple[list[str], list[str]]:
    """Split words into the titles they start with and the rest.

    Args:
        words: The words of a name.
        alone: Whether the words are known to be titles only, so that 'Major' cannot be a name.

    Returns:
        The codes as found, and the remaining words.

    Examples:
        >>> leading_titles(["Frau", "Dr.", "med.", "Anna", "Berg"])
        (['mrs', 'dr'], ['Anna', 'Berg'])
    """
    codes: list[str] = []
    rest = list(words)
    while rest:
        length, code = _longest(rest)
        if code is None:
            break
        if len(rest) < 3 and rest[0].casefold() in _ALSO_NAMES and not alone:
            break
        codes.append(code)
        rest = rest[length:]
    return codes, rest


def join_titles(codes: Sequence[str]) -> str:
    """Join codes in canonical order, each once.

    Args:
        codes: Title codes.

    Returns:
        The combined title.

    Examples:
        >>> join_titles(["dr", "mr", "dr"])
        'mr dr'
    """
    return " ".join(sorted({part for code in codes for part in code.split()}, key=lambda code: _RANK[code]))


def as_suffix(text: str) -> str | None:
    """Return the stored form of one suffix, or None if the text is not one.

    Args:
        text: One suffix in any spelling.

    Returns:
        The stored form.

    Examples:
        >>> as_suffix("ph.d."), as_suffix("JR"), as_suffix("Berg")
        ('PhD', 'Jr', None)
    """
    key = fold(text)
    if key.rstrip(".") in {"j.r", "s.r"}:  # initials, not generations
        return None
    return _suffixes().get(key.replace(".", ""))


def is_plain_word_suffix(word: str, count: int) -> bool:
    """Whether a suffix at the end of a name, with no comma before it, is more likely the family name itself.

    Args:
        word: The last word: 'Jack Ma' and 'Amartya Sen' are not degrees; 'M.A.' and 'João Silva Neto' are suffixes.
        count: How many words the name has, this one included; 0 if capitals prove nothing (a name all in capitals,
            or a word among given names).

    Returns:
        True if it should stay in the name.

    Examples:
        >>> is_plain_word_suffix("Ma", 3), is_plain_word_suffix("MA", 3), is_plain_word_suffix("Neto", 2)
        (True, False, True)
    """
    key = fold(word)
    if key in _ALSO_FAMILY:
        return count < 3 or not word.isupper()
    return key in _ALSO_LAST and 0 < count < 3 and not (key == "md" and word.isupper())


def _longest(words: Sequence[str]) -> tuple[int, str | None]:
    for length in range(min(4, len(words)), 0, -1):
        code = title_of(" ".join(words[:length])) or _run_together(words[0], length)
        if code is not None:
            return length, code
    return 0, None


def _run_together(word: str, length: int) -> str | None:
    """Read 'Prof.Dr.' as two titles, but only when every dotted part is one."""
    parts = [part for part in word.split(".") if part]
    codes = [title_of(part) for part in parts]
    known = [code for code in codes if code]
    return join_titles(known) if length == 1 and len(parts) > 1 and len(known) == len(codes) else None


@cache
def _spellings() -> dict[str, str]:
    keys = {
        title_key(spelling): code for code, text in TITLES.items() for spelling in " ".join(text.split()).split("|")
    }
    # Written without a space after the inner dot: 'Dr.med.' folds to 'dr med' already; 'drmed' is met too.
    return {key.replace(" ", ""): code for key, code in keys.items() if key.startswith("dr ")} | keys


@cache
def _suffixes() -> dict[str, str]:
    return {
        fold(spelling).replace(" ", ""): stored for stored, text in SUFFIXES.items() for spelling in text.split("|")
    }
