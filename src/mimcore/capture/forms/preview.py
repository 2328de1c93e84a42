"""How a form looks: plain HTML in a notebook, with labels, choices and lines to tick. It sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mimcore.capture.forms.questions import ConsentLine, Question
from mimcore.capture.forms.schema import choices_of
from mimcore.display.markup import element, escape
from mimcore.rules.language.catalogue import COLLECTIONS, Kind

__all__ = ["preview_of"]

_CSS = """
.mim-form{max-width:30rem;margin:.5rem 0;padding:1rem 1.25rem;border:1px solid rgba(128,128,128,.45);
border-radius:.4rem}
.mim-form h3{margin:0 0 .75rem;font-size:1.15rem;line-height:1.3}
.mim-form .mim-ask{margin:0 0 .85rem}
.mim-form label,.mim-form legend{display:block;font-weight:600;margin:0 0 .2rem;padding:0}
.mim-form input,.mim-form select{box-sizing:border-box;width:100%;font:inherit;color:inherit;background:transparent;
padding:.4rem .5rem;border:1px solid rgba(128,128,128,.7);border-radius:.25rem;min-height:2.4rem}
.mim-form select option{color:#000;background:#fff}
.mim-form fieldset{border:0;margin:0;padding:0;min-width:0}
.mim-form input[type=checkbox],.mim-form input[type=radio]{width:1.1rem;height:1.1rem;min-height:0;flex:none;
margin:.15rem 0 0}
.mim-form .mim-tick{display:flex;gap:.55rem;align-items:flex-start;font-weight:400;margin:.3rem 0}
.mim-form small{display:block;opacity:.8;margin:.2rem 0 0}
.mim-form .mim-must{opacity:.8;font-weight:400}
.mim-form button{font:inherit;font-weight:600;padding:.45rem 1rem;border:1px solid currentColor;border-radius:.25rem;
background:transparent;color:inherit;min-height:2.4rem}
"""
_FEW = 6
_TYPES = {
    Kind.INTEGER: "number",
    Kind.AGE: "number",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.INSTANT: "datetime-local",
}


def preview_of(
    title: str, key: str, questions: Sequence[Question], consents: Sequence[ConsentLine], notice: str | None
) -> str:
    """Return a form as HTML with its own style.

    Args:
        title: Title of the form; may be empty.
        key: Key of the form, so that two on one page do not share ids.
        questions: The fields that are asked for.
        consents: The lines by which people consent.
        notice: Id of the privacy notice, or None.
    """
    parts = [element("h3", escape(title))] if title else []
    parts += [_question(one, f"{key}-{one.name}") for one in questions]
    parts += [_tick(one.name, "true", escape(one.text), "checkbox") for one in consents]
    if notice:
        parts.append(element("small", escape(f"Privacy notice: {notice}")))
    parts.append(element("p", element("button", "Send", type="button")))
    return element("style", _CSS) + element("div", *parts, class_="mim-form", role="form", aria_label=title or key)


def _question(question: Question, place: str) -> str:
    below = element("small", escape(question.help), id=f"{place}-help") if question.help else ""
    spec = question.spec
    if spec.kind is Kind.BOOLEAN:
        return element("div", _tick(question.name, "true", _label(question), "checkbox"), below, class_="mim-ask")
    is_list = spec.kind in COLLECTIONS
    if question.options is not None and (is_list or len(question.options) <= _FEW):
        kind = "checkbox" if is_list else "radio"
        lines = [_tick(question.name, code, escape(said), kind) for code, said in choices_of(spec)]
        return element("div", element("fieldset", element("legend", _label(question)), *lines), below, class_="mim-ask")
    head = element("label", _label(question), for_=place)
    return element("div", head, _control(question, place, is_list=is_list), below, class_="mim-ask")


def _label(question: Question) -> str:
    must = element("span", " (required)", class_="mim-must") if question.is_required else ""
    return escape(question.label + (f" ({question.currency})" if question.currency else "")) + must


def _control(question: Question, place: str, *, is_list: bool) -> str:
    shared: dict[str, Any] = {
        "id": place,
        "name": question.name,
        "required": "required" if question.is_required else None,
        "aria_describedby": f"{place}-help" if question.help else None,
    }
    if question.options is not None:
        return element("select", *_options(choices_of(question.spec)), **shared)
    kind = _TYPES.get(question.spec.kind, "text")
    if question.is_point:
        kind = "email" if question.name == "email" else "tel"
    hint = "one or several, with commas" if is_list else None
    return element("input", type=kind, placeholder=hint, **shared)


def _options(choices: Iterable[tuple[str, str]]) -> list[str]:
    return [element("option", "", value=""), *(element("option", escape(said), value=code) for code, said in choices)]


def _tick(name: str, value: str, label: str, kind: str) -> str:
    # A label round its control needs no id, so that a name may be offered several times.
    box = element("input", type=kind, name=name, value=value)
    return element("label", box, element("span", label), class_="mim-tick")
