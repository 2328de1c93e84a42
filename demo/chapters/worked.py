"""What worked: response by web order and by acquisition list, with intervals; recency, frequency and money."""

from __future__ import annotations

from collections import Counter

from demo.cast import Cast
from demo.teller import GENERATED, Teller
from mimcore import fields as f
from mimcore.display import Interval, Table, intervals, percent
from mimcore.measurement import RateComparison, compare_rates, holm
from mimcore.rules.language.nodes import Rule
from mimcore.store.store import Store

__all__ = ["tell"]

_MAILED = f.contact.events("mailing_sent").where(f.event.campaign == "winter-mailing").count() >= 1
_ANSWERED = f.contact.purchases.where(f.event.campaign == "winter-mailing").count() >= 1
_FEWEST = 30
_CODE = """answers = c.purchases.where(f.event.campaign == "winter-mailing")
compare_rates(rate(~web), rate(web))    # of answers.count() >= 1"""


def tell(teller: Teller, store: Store, cast: Cast) -> None:
    """Compare rates, and say how sure that is."""
    pain = "The best campaign is often just the luckiest one; a difference without an interval is gossip."
    teller.chapter("What worked, and how sure is that", pain)
    web = f.contact.tags.overlaps("web-order")
    found = compare_rates(_rate(store, ~web), _rate(store, web), labels=("no web order", "web order"))
    teller.code(_CODE)
    teller.measure("worked.web", [found.difference, found.interval.lower, found.interval.upper, found.p])
    teller.figure(
        f"{found.difference * 100:+.1f} pp",
        "more answers from those who had ordered on the web",
        f"{_ends(found)}, {teller.real}",
    )
    teller.say(f"Verdict: {found.verdict}.")
    _lists(teller, store, cast)
    _rfm(teller, store)
    teller.note(
        "Tayko's rows were drawn so that half of them answered; in the shop it was about one in twenty. Compare the "
        "rates with each other, not with another mailing."
    )


def _rate(store: Store, rule: Rule) -> tuple[int, int]:
    return store.contacts.count(rule & _MAILED & _ANSWERED), store.contacts.count(rule & _MAILED)


def _ends(found: RateComparison) -> str:
    return f"{found.interval.lower * 100:+.1f} to {found.interval.upper * 100:+.1f} pp"


def _lists(teller: Teller, store: Store, cast: Cast) -> None:
    """Compare every list of some size with all other customers; Holm corrects for asking so often."""
    sizes = Counter(one.list_name for one in cast.customers if one.list_name)
    everybody = _rate(store, f.contact.acquired_at.is_known())
    compared: dict[str, RateComparison] = {}
    for name in sorted(name for name, size in sizes.items() if size >= _FEWEST):
        ours = _rate(store, f.contact.acquisition_source == name)
        rest = (everybody[0] - ours[0], everybody[1] - ours[1])
        compared[name] = compare_rates(rest, ours, labels=("all others", name))
    adjusted = holm([one.p for one in compared.values()])
    teller.measure(
        "worked.lists",
        [(name, one.difference, one.interval.lower, one.interval.upper) for name, one in compared.items()],
    )
    teller.measure("worked.holm", list(adjusted))
    sure = sum(p < 0.05 for p in adjusted)
    teller.section("By acquisition list")
    teller.code(
        'compare_rates(all_others, rate(c.acquisition_source == "list a"))\nholm([one.p for one in compared.values()])'
    )
    teller.figure(f"{sure} of {len(compared)}", "lists differ from the rest, after Holm's correction", teller.real)
    ranked = sorted(compared.items(), key=lambda pair: -pair[1].difference)
    drawn = [Interval(name, one.difference, one.interval.lower, one.interval.upper) for name, one in ranked]
    teller.chart(
        intervals(
            "Answers against all others, in percentage points",
            drawn,
            shown=_points,
            reference=0.0,
            reference_name="no difference",
        )
    )
    rows = [
        (name, one.b.n, percent(one.b.rate), _points(one.difference), "yes" if p < 0.05 else "no")
        for (name, one), p in zip(compared.items(), adjusted, strict=True)
    ]
    teller.console.block(Table.of(("list", "mailed", "answered", "against others", "shown"), rows).text(78))


def _points(value: float) -> str:
    return f"{value * 100:+.1f}".replace("-", "−")


def _rfm(teller: Teller, store: Store) -> None:
    codes = Counter(one.code for one in store.value.rfm().scores.values())
    ranked = sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))
    teller.measure("worked.rfm", ranked)
    teller.section("Recency, frequency, money")
    teller.code("store.value.rfm()")
    best = sum(number for code, number in codes.items() if code[0] in "45" and code[2] in "45")
    teller.figure(f"{GENERATED} {best}", "customers bought lately and for much", "bands 4 and 5 of R and M")
    meanings = {"5": "best", "1": "worst"}
    shown = [
        (code, number, f"R {_word(code[0], meanings)}, F {_word(code[1], meanings)}, M {_word(code[2], meanings)}")
        for code, number in ranked[:8]
    ]
    teller.table(
        Table.of(("code", "customers", "bands"), shown, title=f"{GENERATED} The most frequent bands (5 is best)")
    )


def _word(band: str, meanings: dict[str, str]) -> str:
    return meanings.get(band, band)
