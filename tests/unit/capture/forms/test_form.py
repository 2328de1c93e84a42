"""Forms: their schema, what is odd about them, how answers are checked, and how they look."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import mimcore as mim
from mimcore import fields as f
from mimcore.capture.forms.answers import MAX_CHARACTERS, check_answers
from mimcore.capture.forms.checking import failures
from mimcore.domain.catalogue import CONTACT_FIELDS
from mimcore.rules.language.catalogue import Kind

NEWS = mim.consent_line("newsletter", "Send me the newsletter.", notice="signup", version="3", language="en")
TIER = mim.attribute("tier", options=["Gold", "silver"])
EVERY = mim.form(
    *(mim.ask(one.name, currency="DKK" if one.kind is Kind.MONEY else None) for one in CONTACT_FIELDS
      if one.kind is not Kind.RECORDS), TIER, NEWS, key="every")  # fmt: skip
SIGNUP = mim.form("given_name", "email", "phone", f.contact.country, "interests", "children", TIER, NEWS, key="signup")


def test_the_schema_is_this_one() -> None:
    """Labels are titles, a vocabulary is constants with titles, nothing else is taken; a valid 2020-12 schema."""
    small = mim.form(f.contact.name.given, mim.ask("email", label="Your mail", help="We write rarely."),
                     f.contact.demographic.marital_status, NEWS, title="Stay in touch", required=["email"])  # fmt: skip
    controls = {"pattern": "[\u0000-\u001f\u007f-\u009f\u2028\u2029]"}
    text = {"type": "string", "minLength": 1, "maxLength": 500, "not": controls}
    choices = ["single", "partnered", "married", "separated", "divorced", "widowed"]
    assert small.schema() == {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Stay in touch", "type": "object",
        "properties": {
            "given_name": {**text, "title": "Given name", "x-field": "contact.name.given"},
            "email": {**text, "format": "email", "minLength": 3, "maxLength": 254, "title": "Your mail",
                      "description": "We write rarely.", "x-field": "contact.primary_email"},
            "marital_status": {"type": "string", "oneOf": [{"const": one, "title": one.capitalize()} for one in choices],
                               "title": "Household situation", "x-field": "contact.demographic.marital_status"},
            "consent_newsletter": {"type": "boolean", "title": "Send me the newsletter.", "default": False,
                                   "x-consent": {"purpose": "newsletter", "channel": "email", "notice": "signup"}},
        },
        "required": ["email"], "additionalProperties": False,
    }  # fmt: skip
    for one in (small, EVERY, SIGNUP):
        Draft202012Validator.check_schema(one.schema())


def test_vocabularies_are_offered_as_people_read_them() -> None:
    """Countries by name, bands in their order, own options as declared."""
    properties = mim.form("country", "age_band", "language", TIER).schema()["properties"]
    countries = [one["title"] for one in properties["country"]["oneOf"]]
    assert countries[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert [one["const"] for one in properties["age_band"]["oneOf"]][:2] == ["0-17", "18-24"]
    assert [one["title"] for one in properties["tier"]["oneOf"]] == ["Gold", "Silver"]
    assert {"const": "da", "title": "Danish"} in properties["language"]["oneOf"]


def values(part):
    """Answers to one question, right ones and wrong ones."""
    junk = st.sampled_from(
        [None, "", 0, 1, -1, 1.0, 1.5, True, False, [], {}, "x\ny", "a\0", "x" * 600, "é", 10**20, ["a", "a"]]
    )
    right = {
        "boolean": st.booleans(),
        "integer": st.integers(-5, 3000),
        "number": st.floats(),
        "string": st.text(max_size=8),
    }
    codes = [one["const"] for one in part.get("oneOf", part.get("items", {}).get("oneOf", []))][:5]
    chosen = st.sampled_from([*codes, "2026-03-01", "249.50", "2026-03-01T10:00Z", "2026-03-01\n"])
    if part["type"] == "array":
        return junk | st.lists(chosen | st.text(max_size=3) | st.integers(0, 1) | st.booleans(), max_size=4)
    return junk | right[part["type"]] | chosen


@pytest.mark.parametrize("form", [EVERY, SIGNUP], ids=["every", "signup"])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_validator_library_says_the_same(form, data) -> None:
    """For any answers: the same keywords fail at the same places as `jsonschema` finds."""
    schema = form.schema()
    properties = schema["properties"]
    names = data.draw(st.lists(st.sampled_from([*properties, "other"]), max_size=6, unique=True))
    answers = {
        name: data.draw(values(properties[name]) if name in properties else st.text(max_size=2)) for name in names
    }
    theirs = {(tuple(one.absolute_path), one.validator) for one in Draft202012Validator(schema).iter_errors(answers)}
    ours = {(one.path, one.keyword) for one in failures(schema, answers)}
    assert ours == theirs
    assert bool(check_answers(answers, schema)) is bool(theirs)


def test_what_is_no_object_fails_as_a_whole() -> None:
    """The library says the same of a list, a text and nothing."""
    schema = SIGNUP.schema()
    for value in ([], "x", None, 3):
        theirs = {(tuple(one.absolute_path), one.validator) for one in Draft202012Validator(schema).iter_errors(value)}
        assert {(one.path, one.keyword) for one in failures(schema, value)} == theirs


def test_answers_of_a_browser_become_a_contact() -> None:
    """All text, names repeated for lists, boxes 'on', blanks for what was left out."""
    sent = [("given_name", " Ana "), ("email", "Ana@example.dk"), ("phone", "32 12 34 56"), ("country", "DK"),
            ("interests", "golf"), ("interests", "wine"), ("children", "2"), ("tier", "Gold"),
            ("consent_newsletter", "on"), ("csrf_token", "x")]  # fmt: skip
    form = mim.form(
        "given_name", "email", "phone", "country", "interests", "children", TIER, NEWS, ignored=["csrf_token"]
    )
    read = form.read(sent)
    who = read.contact
    assert (who.name.given, who.emails[0].value, who.phones[0].value) == ("Ana", "Ana@example.dk", "+4532123456")
    assert (who.demographic.country, who.demographic.children, who.psychographic.interests) == (
        "DK",
        2,
        ("golf", "wine"),
    )
    assert (dict(who.custom), read.consents) == ({"tier": "Gold"}, (NEWS,))
    assert SIGNUP.read({"email": "a@example.dk", "given_name": "", "consent_newsletter": False}).consents == ()


def test_money_and_bands_are_read_with_what_the_form_knows() -> None:
    """An amount has the currency of the question, a band the day of the answer."""
    form = mim.form("email", mim.ask("annual_income", currency="DKK"), "age_band", "birth_date")
    sent = {"email": "a@example.dk", "annual_income": "425000.50", "age_band": "25-34"}
    who = form.read(sent, today=date(2026, 3, 1)).contact.demographic
    assert (who.annual_income, who.age_band_on) == (mim.money("425000.50", "DKK"), date(2026, 3, 1))
    (problem,) = form.check({"email": "a@example.dk", "birth_date": "2026-02-30"})
    assert (problem.field, "02-30" in str(problem)) == ("birth_date", False)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "email"),
        ({"email": "zoe@"}, "email"),
        ({"email": ["a@example.dk", "b@example.dk"]}, "email"),
        ({"email": "a@example.dk\r\nBcc: x@example.com"}, "email"),
        ({"email": "a@example.dk", "given_name": "Ana\0"}, "given_name"),
        ({"email": "a@example.dk", "interests": ["a\nb"]}, "interests.0"),
        ({"email": "a@example.dk", "country": "Danmark"}, "country"),
        ({"email": "a@example.dk", "children": "two"}, "children"),
        ({"email": "a@example.dk", "children": "-1"}, "children"),
        ({"email": "a@example.dk", "phone": "12345"}, "phone"),
        ({"email": "a@example.dk", "tier": "bronze"}, "tier"),
        ({"email": "a@example.dk", "consent_newsletter": "maybe"}, "consent_newsletter"),
        ({"email": "a@example.dk", "given_nmae": "secret"}, "form"),
        ({"email": "a@example.dk", "interests": [str(one) for one in range(51)]}, "interests"),
        ([("email", "a@example.dk"), ("email", "a@example.dk")], "email"),
        ({"email": "a@example.dk", "given_name": 5}, "given_name"),
    ],
)
def test_wrong_answers_are_told_by_field_and_without_the_answer(sent, field) -> None:
    """One problem, with a remedy."""
    (problem,) = SIGNUP.check(sent)
    assert (problem.field, bool(problem.remedy)) == (field, True)
    values = [str(one) for value in dict(sent).values() for one in (value if isinstance(value, list) else [value])]
    assert not [value for value in values if len(value) > 3 and value in str(problem)]


def test_several_wrong_answers_are_told_at_once() -> None:
    """And a misspelt name is answered with the nearest one."""
    told = {one.field: one.reason for one in SIGNUP.check({"country": "x", "children": "x", "given_nmae": "x"})}
    assert set(told) == {"country", "children", "form", "email"}
    assert "did you mean 'given_name'" in told["form"]


@pytest.mark.parametrize("sent", [{"email": "x" * (MAX_CHARACTERS + 1)}, {str(one): "" for one in range(201)}, "email=x",
                                  [("email",)], 5, None, {"email": [""] * 500}])  # fmt: skip
def test_what_is_too_large_or_no_form_is_refused(sent) -> None:
    """Before anything else is done with it."""
    (problem,) = SIGNUP.check(sent)
    assert problem.field == "form"


def test_a_sound_form_has_nothing_odd() -> None:
    """A name, an address, a line to consent, a notice."""
    assert mim.form("given_name", "email", NEWS, notice="privacy-4").lint()


@pytest.mark.parametrize(
    ("asked", "options", "kind"),
    [
        (["email", "age", NEWS], {"notice": "n"}, "derived"),
        (["email", "beliefs", NEWS], {}, "special_without_notice"),
        (["email", "acquisition_medium", NEWS], {"notice": "n"}, "not_for_people"),
        (["email", "lifecycle_stage", NEWS], {"notice": "n"}, "not_for_people"),
        (["email", "city", "title", "employer", NEWS],
         {"notice": "n", "required": ["email", "city", "title", "employer"]}, "too_many_required"),
        (["email", "city", "region", "title", "employer", "industry", "children", "gender", "hobbies", NEWS],
         {"notice": "n"}, "too_many_questions"),
        (["email", mim.ask("country", free_text=True), NEWS], {"notice": "n"}, "free_text"),
        (["email", mim.attribute("home_country"), NEWS], {"notice": "n"}, "free_text"),
        (["email"], {"notice": "n"}, "no_consent_line"),
        (["city"], {}, "no_address"),
        (["email", NEWS], {}, "no_notice"),
    ],
)  # fmt: skip
def test_what_is_odd_is_found(asked, options, kind) -> None:
    """Each kind by a form that has it."""
    lint = mim.form(*asked, **options).lint()
    assert kind in [one.kind for one in lint.findings]
    assert not lint
    assert lint.findings[0].remedy in str(lint)
    assert bool(lint.blocking) is (kind in {"derived", "special_without_notice"})


def test_wrong_forms_are_refused() -> None:
    """What cannot be asked, twice or not at all."""
    for wrong in ((), ("city", "city"), (NEWS,)):
        with pytest.raises(mim.InvalidValueError, match="form: asks for nothing"):
            mim.form(*wrong)
    with pytest.raises(mim.InvalidValueError, match=r"did you mean 'email'"):
        mim.form("email", required=["e-mail"])
    for wrong in ("devices", f.account.employees, "annual_income"):
        with pytest.raises(mim.InvalidValueError):
            mim.ask(wrong)
    with pytest.raises(mim.UnknownFieldError, match="did you mean"):
        mim.form("cty")
    for purpose, changes in (("service", {}), ("newsleter", {}), ("newsletter", {"channel": "post"}),
                             ("newsletter", {"channel": "smoke"}), ("newsletter", {"text": " "})):  # fmt: skip
        with pytest.raises(mim.InvalidValueError):
            mim.consent_line(purpose, **{"text": "x", "notice": "n", **changes})


class Outline(HTMLParser):
    """The controls of a page, and whether each has a label."""

    def __init__(self) -> None:
        """Nothing yet."""
        super().__init__()
        self.controls: list[dict[str, str | None]] = []
        self.labelled: set[str | None] = set()
        self.depth = 0

    def handle_starttag(self, tag, attrs) -> None:
        """Note labels and controls."""
        found = dict(attrs)
        self.depth += tag == "label"
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag in {"input", "select"}:
            self.controls.append({**found, "inside": "yes" if self.depth else None})

    def handle_endtag(self, tag) -> None:
        """Note ends of labels."""
        self.depth -= tag == "label"


def test_the_preview_labels_every_control_and_ticks_nothing() -> None:
    """Each control has a label, names are those of the schema, no consent is ticked, no text becomes markup."""
    form = mim.form("email", "country", "gender", "preferred_channels", "birth_date", "children", "interests",
                    "is_decision_maker", mim.ask("city", label="<b>City</b>", help="a & b"), NEWS, title="<i>x</i>",
                    notice="n<1")  # fmt: skip
    outline = Outline()
    outline.feed(form._repr_html_())
    assert {one["name"] for one in outline.controls} == set(form.schema()["properties"])
    assert all(one["inside"] or one.get("id") in outline.labelled for one in outline.controls)
    assert not [one for one in outline.controls if "checked" in one]
    assert [one["name"] for one in outline.controls if "required" in one] == ["email"]
    assert not any(mark in form._repr_html_() for mark in ("<b>", "<i>", "n<1"))
