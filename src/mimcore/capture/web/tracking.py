"""What an address and a referrer tell of where somebody came from: UTM parameters, click ids, hosts; nothing else.

A parameter that is unusable is left out and told; it never costs the answer that somebody has just sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from mimcore.capture.forms.schema import CONTROLS
from mimcore.errors import Problem

__all__ = ["CLICK_IDS", "UTM", "Tracking", "read_tracking"]

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
CLICK_IDS: Mapping[str, tuple[str, str]] = {
    "gclid": ("google", "Paid Search"),
    "gbraid": ("google", "Paid Search"),
    "wbraid": ("google", "Paid Search"),
    "msclkid": ("bing", "Paid Search"),
    "dclid": ("google", "Display"),
    "li_fat_id": ("linkedin", "Paid Social"),
    "ttclid": ("tiktok", "Paid Social"),
    "twclid": ("x", "Paid Social"),
    "rdt_cid": ("reddit", "Paid Social"),
    "sccid": ("snapchat", "Paid Social"),
    "fbclid": ("facebook", "Organic Social"),
    "igshid": ("instagram", "Organic Social"),
}
"""Click ids with who adds them and what they prove: Meta adds its own to every link, paid or not."""

_CONTROL = re.compile(CONTROLS)
_MAX_URL = 8_192
_MAX_VALUE = 500
_MAX_PARAMETERS = 200


@dataclass(frozen=True, slots=True)
class Tracking:
    """What is known of where somebody came from.

    Attributes:
        utm: UTM parameters by name.
        clicks: Click ids by name; personal.
        landing_page: Address without its query, which may hold anything.
        referrer: Referring page without its query; personal.
        host: Host of the landing page.
        referring_host: Host of the referring page.
        problems: What was left out, and why.
    """

    utm: Mapping[str, str]
    clicks: Mapping[str, str] = field(repr=False)
    landing_page: str | None
    referrer: str | None = field(repr=False)
    host: str
    referring_host: str
    problems: tuple[Problem, ...]


def read_tracking(url: str | None, referrer: str | None, fields: Iterable[tuple[str, str]] = ()) -> Tracking:
    """Read where somebody came from.

    Args:
        url: Address of the page with the form, or better the first one that the visitor saw.
        referrer: The page that referred the visitor.
        fields: UTM parameters and click ids of hidden fields of the form; they count before those of the address.

    Examples:
        >>> told = read_tracking(
        ...     "https://acme.dk/offer?utm_source=Google&utm_medium=cpc&mail=ana", "https://www.google.dk/"
        ... )
        >>> dict(told.utm), told.landing_page, told.referring_host
        ({'utm_source': 'Google', 'utm_medium': 'cpc'}, 'https://acme.dk/offer', 'www.google.dk')
    """
    problems: list[Problem] = []
    page, host, query = _parts(url, "url", problems)
    source, referring_host, _ = _parts(referrer, "referrer", problems)
    found: dict[str, str] = {}
    for name, value in (*fields, *query):
        known = name.casefold()
        if known in (*UTM, *CLICK_IDS):
            _take(known, value, found, problems)
    utm = {name: found[name] for name in UTM if name in found}
    clicks = {name: found[name] for name in CLICK_IDS if name in found}
    return Tracking(utm, clicks, page, source, host, referring_host, tuple(problems))


def _take(name: str, value: str, found: dict[str, str], problems: list[Problem]) -> None:
    text = value.strip()
    if _CONTROL.search(value):
        problems.append(Problem(name, "holds a line break or another control character", "it was left out"))
    elif len(text) > _MAX_VALUE:
        problems.append(Problem(name, f"is too long (at most {_MAX_VALUE})", "it was left out"))
    elif text and found.setdefault(name, text) != text:
        problems.append(Problem(name, "is given twice", "the first one counts"))


def _parts(url: str | None, field_name: str, problems: list[Problem]) -> tuple[str | None, str, list[tuple[str, str]]]:
    """Return an address without its query, its host, and its parameters."""
    if not url:
        return None, "", []
    reason = "holds a line break or another control character" if _CONTROL.search(url) else ""
    reason = reason or (f"is too long (at most {_MAX_URL})" if len(url) > _MAX_URL else "")
    if not reason:
        try:
            parts = urlsplit(url)
            host, query = parts.hostname or "", parse_qsl(parts.query, max_num_fields=_MAX_PARAMETERS, errors="strict")
        except ValueError:
            reason = "is not an address on the web"
        else:
            if parts.scheme in {"http", "https"} and host:
                return f"{parts.scheme}://{host}{parts.path}"[:_MAX_VALUE], host, query
            reason = "is not an address on the web"
    problems.append(Problem(field_name, reason, "it was left out"))
    return None, "", []
