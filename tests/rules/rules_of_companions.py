"""Random conditions on events, accounts, the past, consent, lists and chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rules.alphabet import CAMPAIGNS, CHANNELS, COUNTRIES, FRESH, KINDS, PURPOSES, WORDS, moment
from tests.rules.people import REMEMBERED
from tests.rules.rules_of_values import INTEGERS, ORDERS, ValueRules

from mimcore.rules.language import nodes

EVENT_CODES = {"event.channel": CHANNELS, "event.campaign": CAMPAIGNS}


class CompanionRules(ValueRules):
    """Makes conditions on what stands beside a contact."""

    def _grouped(self, condition: Callable[[], nodes.Rule], depth: int = 2) -> nodes.Rule:
        """Conditions on one event or account, in groups now and then."""
        if not depth or self.rng.random() >= 0.4:
            return condition()
        inner = self._grouped(condition, depth - 1)
        match self.rng.randrange(4):
            case 0:
                return nodes.Not(rule=inner)
            case 1:
                return nodes.OrMissing(rule=inner)
            case 2:
                return nodes.AllOf(rules=(inner, self._grouped(condition, depth - 1)))
            case _:
                return nodes.AnyOf(rules=(inner, self._grouped(condition, depth - 1)))

    # --- events ---

    def _where(self) -> nodes.Rule | None:
        return self._grouped(self._on_event) if self.rng.random() < 0.5 else None

    def _on_event(self) -> nodes.Rule:
        makers: tuple[Callable[[], nodes.Rule], ...] = (
            lambda: self._code(EVENT_CODES),
            lambda: self._text(("event.product",)),
            lambda: nodes.TextTest(
                op="matches", field="event.product", value=self._of(("*s*", "?lan", "a*", "stra*e"))
            ),
            lambda: self._ordered("event.quantity", lambda: self._of((0, 1, 2))),
            lambda: nodes.Equals(field="event.is_gift", value=self._of((True, False))),
            lambda: self._money(("event.value",)),
            lambda: self._instant("event.at"),
            lambda: self._elapsed(("event.at",)),
            lambda: self._calendar(("event.at",)),
            lambda: self._clock(("event.at",), ()),
            lambda: self._pair((("event.channel", "event.campaign"), ("event.product", "event.refund_of"))),
            lambda: nodes.Known(field=self._of(("event.product", "event.value"))),
            nodes.Everyone,
        )
        return self._of(makers)()

    def _matching(self) -> nodes.EventPattern:
        return nodes.EventPattern(kind=self._of(KINDS), where=self._where())

    def _measure(self) -> nodes.Rule:
        common = {
            "kind": self._of(KINDS),
            "within_days": self._of((None, None, 0, 1, 7, 30)),
            "where": self._where(),
            "comparison": self._comparing(),
        }
        what = self._of(("count", "count", "total", "total", "minimum", "maximum", "average"))
        op = f"event_{what}"
        if what == "count":
            return nodes.EventTest(op=op, value=self._of((0, 1, 2)), **common)
        if self.rng.random() < 0.4:
            value = self._of((0, 1, 1.5, 0.667, 2, 3)) if what == "average" else self._of((0, 1, 2, 3, 5))
            return nodes.EventTest(op=op, of="event.quantity", value=value, **common)
        return nodes.EventTest(op=op, value=self._money_literal(), **common)

    def _moment_of(self) -> nodes.Rule:
        is_window = self.rng.random() < 0.6
        comparison: Any = self._of(("within_last_days", "older_than_days") if is_window else ORDERS)
        return nodes.EventMoment(
            op=self._of(("first_event", "last_event")),
            kind=self._of(KINDS),
            within_days=self._of((None, None, 7, 30)),
            where=self._where(),
            comparison=comparison,
            value=self._of((0, 1, 7, 30)) if is_window else moment(self.rng, self.now).isoformat(),
        )

    def _sequence(self) -> nodes.Rule:
        return nodes.EventSequence(
            first=self._matching(),
            then=self._matching(),
            within_days=self._of((1, 7, 30, 400)),
            since_days=self._of((None, None, 7, 30)),
        )

    def _regularity(self) -> nodes.Rule:
        periods = self._of((1, 2, 4, 12))
        return nodes.EventRegularity(
            events=self._matching(),
            at_least=self.rng.randint(1, min(3, periods)),
            of_periods=periods,
            period_days=self._of((1, 7, 30)),
        )

    def _start(self) -> nodes.Rule:
        return nodes.EventStart(events=self._matching(), within_days=self._of((0, 1, 7, 30)))

    def _restart(self) -> nodes.Rule:
        return nodes.EventRestart(
            events=self._matching(), gap_days=self._of((1, 6, 7, 22)), within_days=self._of((0, 1, 7, 30))
        )

    # --- accounts ---

    def _on_account(self) -> nodes.Rule:
        """One condition on one account's own field."""
        texts = ("account.name", "account.firmographic.industry")
        makers: list[Callable[[], nodes.Rule]] = [
            lambda: self._code({"account.firmographic.country": COUNTRIES}),
            lambda: self._text(texts),
            lambda: nodes.TextTest(op="matches", field=self._of(texts), value=self._of(("*s*", "?lan", "a*c*"))),
            lambda: self._integer({"account.firmographic.employees": INTEGERS["account.firmographic.employees"]}),
            self._number,
            lambda: self._money(("account.firmographic.annual_revenue",)),
            lambda: self._collection(("account.technology.stack",)),
            lambda: self._elements(("account.technology.stack",)),
            lambda: self._pair((texts, ("account.firmographic.employees", "account.firmographic.founded_year"))),
            lambda: nodes.Known(field=self._of((*texts, "account.technology.stack", "account.key_account.fit"))),
        ]
        if self.has_custom:
            makers.append(lambda: self._code({"account.custom.grade": ("Silver", "gold")}))
        return self._of(makers)()

    def _any_account(self) -> nodes.Rule:
        """A condition on a field of any account."""
        rule = self._on_account()
        names = {part: getattr(rule, part) for part in ("field", "other") if hasattr(rule, part)}
        return rule.model_copy(update={part: f"any_{name}" for part, name in names.items()})

    def _accounts(self) -> nodes.Rule:
        op = self._of(("any_account", "all_accounts", "account_count"))
        where = self._grouped(self._on_account)
        if op != "account_count":
            return nodes.AccountTest(op=op, where=where)
        return nodes.AccountTest(op=op, where=where, comparison=self._comparing(), value=self._of((0, 1, 2)))

    # --- the past, consent, lists, chance ---

    def _changed(self) -> nodes.Rule:
        return nodes.ChangedWithin(field=self._of(REMEMBERED), days=self._of((0, 1, 7, 30, 366)))

    def _ever(self) -> nodes.Rule:
        name = self._of(REMEMBERED)
        value = self._of(WORDS if name.endswith("city") else REMEMBERED[name])
        return nodes.EverBeen(field=name, value=value.isoformat() if hasattr(value, "isoformat") else value)

    def _permitted(self) -> nodes.Rule:
        return nodes.MayReceive(channel=self._of(("email", "sms", "phone")), purpose=self._of((*PURPOSES, "service")))

    def _sample(self) -> nodes.Rule:
        return nodes.Sample(percent=self._of((100, 50, 33.3, 10, 0.001)), salt=self._of(("spring", "höst", "🙂")))

    def _segment(self) -> nodes.Rule:
        return nodes.InSegment(segment=self._of(self.segments)) if self.segments else nodes.Everyone()

    def _fresh(self) -> nodes.Rule:
        return nodes.FreshnessTest(field=self._of(FRESH), value=self._of((0.05, 0.5, 0.8, 1.0)))

    def _any_fresh(self) -> nodes.Rule:
        return nodes.AnyFreshness(points=self._of(("emails",) * 9 + ("phones",)), value=self._of((0.05, 0.2, 0.5, 0.8)))

    def _undated(self) -> nodes.Rule:
        return nodes.Undated(field=self._of(FRESH))
