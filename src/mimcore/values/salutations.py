"""How titles are written in front of a name, by language."""

from __future__ import annotations

__all__ = ["address_form"]

_FORMS: dict[str, str] = {
    "en": """mr Mr;mrs Mrs;ms Ms;mx Mx;sir Sir;dame Dame;lady Lady;lord Lord;baron Baron;baroness Baroness
        ;count Count;countess Countess;sheikh Sheikh;senator Senator;gov Governor;rev Reverend
        ;father Father;sister Sister
        ;brother Brother;rabbi Rabbi;imam Imam;hon Hon.;judge Judge;amb Ambassador;gen General;ltcol Lt. Col.
        ;col Colonel;maj Major;capt Captain;lt Lieutenant;sgt Sergeant;adm Admiral;cmdr Commander;prof Professor;dr Dr
        ;drs Drs.;mag Mag.;ing Ing.;avv Avv.;lic Lic.;arq Arq.;judr JUDr.;mudr MUDr.;phdr PhDr.;rndr RNDr.""",
    "da": "mr Hr.;mrs Fru;ms Frøken;prof Professor;dr Dr.",
    "sv": "mr Herr;mrs Fru;ms Fröken;prof Professor;dr Dr",
    "no": "mr Herr;mrs Fru;ms Frøken;prof Professor;dr Dr.",
    "de": """baron Freiherr;baroness Freifrau;count Graf;countess Gräfin;mr Herr;mrs Frau;ms Frau;prof Prof.;dr Dr.
        ;ing Dipl.-Ing.;rev Pfarrer""",
    "fr": "mr M.;mrs Mme;ms Mlle;prof Professeur;dr Dr;avv Maître",
    "es": "mr Sr.;mrs Sra.;ms Srta.;prof Prof.;dr Dr.;father Padre;sister Sor",
    "it": "mr Sig.;mrs Sig.ra;ms Sig.na;prof Prof.;dr Dott.;father Padre",
    "nl": "mr De heer;mrs Mevrouw;ms Mevrouw;prof Professor;dr Dr.",
    "pt": "mr Sr.;mrs Sra.;ms Srta.;prof Prof.;dr Dr.",
    "fi": "mr Herra;mrs Rouva;ms Neiti;prof Professori;dr Tohtori",
    "pl": "mr Pan;mrs Pani;ms Pani;prof Prof.;dr Dr",
}
_SAME_AS = {"nb": "no", "nn": "no"}
_ALL_TITLES = frozenset({"de", "pl"})
_CIVIL = frozenset({"mr", "mrs", "ms", "mx"})
_WITH_GIVEN_NAME = frozenset({"sir", "dame", "sister", "brother"})
_TABLES = {
    language: {code: form for code, _, form in (row.strip().partition(" ") for row in text.split(";"))}
    for language, text in _FORMS.items()
}


def address_form(title: str, language: str) -> tuple[str, bool]:
    """Return the form of address of a canonical title.

    Args:
        title: Canonical title codes, joined by spaces.
        language: ISO 639-1 code.

    Returns:
        The words before the name, and whether the given name follows ('Sir John') instead of the family name.
        German and Polish keep every title; elsewhere the first title beyond Mr, Mrs, Ms stands alone.

    Examples:
        >>> address_form("mrs prof dr", "en"), address_form("mrs prof dr", "de")
        (('Professor', False), ('Frau Prof. Dr.', False))
    """
    code = _SAME_AS.get(language, language)
    table = _TABLES["en"] | _TABLES.get(code, {})
    codes = title.split()
    if code not in _ALL_TITLES:
        codes = [one for one in codes if one not in _CIVIL][:1] or codes[:1]
    return " ".join(table[one] for one in codes), codes[0] in _WITH_GIVEN_NAME
