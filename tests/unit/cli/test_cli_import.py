"""`mimcore import` as an analyst meets it: plan, do, look, take back."""

from __future__ import annotations

import io
import re
import sys

import pytest

from mimcore import connect
from mimcore.cli import main

FILE = "E-mail,Given name,Family name,City\nberg@example.com,Ana,Berg,Vejle\nberg@example.com,Bo,Berg,Ribe\nbad,Carl,Lund,\n"


@pytest.fixture
def run(tmp_path, capsys):
    """Run a command on one database; return its code, what it printed, and what it complained about."""
    file = tmp_path / "fair.csv"
    file.write_text(FILE, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'shop.db'}"

    def command(*words):
        code = main(["import", *(str(file) if word == "FILE" else word for word in words), "--url", url])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command, url


def people(url):
    """Everybody's given name."""
    with connect(url) as store:
        return sorted(one.name.given for one in store.contacts.stream())


def test_a_dry_run_writes_nothing_and_the_real_one_takes_key_and_policy(run):
    """Then it is listed, and taken back by the id that the list shows."""
    command, url = run
    code, out, _ = command("FILE", "--source", "fair", "--key", "email+name", "--policy", "fill_only", "--dry-run")
    assert (code, people(url)) == (0, [])
    assert re.search(r"created +2\n", out)
    code, _, _ = command("FILE", "--source", "fair", "--key", "email+name")
    assert (code, people(url)) == (0, ["Ana", "Bo"])
    _, listed, _ = command("--list")
    (found,) = re.findall(r"^1  ([0-9a-f-]{36})$", listed, re.MULTILINE)
    assert "finished" in listed
    code, out, _ = command("--undo", found)
    assert (code, people(url)) == (0, [])


def test_companies_and_deals_come_in_and_are_taken_back(tmp_path, run):
    """The kind is found out, the currency is told; a wrong kind is one line."""
    command, url = run
    companies, deals = tmp_path / "companies.csv", tmp_path / "deals.csv"
    companies.write_text("Record ID,Company name,Company Domain Name,Industry\n1,Acme,acme.dk,IT\n", encoding="utf-8")
    deals.write_text(
        "Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Contact IDs\n9,Big,Closed Won,7,2026-02-01,101\n",
        encoding="utf-8",
    )
    code, out, _ = command(str(companies), "--source", "crm")
    assert (code, "1 rows imported" in out) == (0, True)
    code, out, _ = command(str(deals), "--source", "crm", "--currency", "EUR", "--dry-run")
    assert (code, "belongs to no contact" in out) == (0, True)
    code, _, complaint = command(str(deals), "--source", "crm")
    assert (code, "currency='EUR'" in complaint) == (1, True)
    code, _, complaint = command(str(companies), "--source", "crm", "--kind", "acounts")
    assert (code, "did you mean 'accounts'" in complaint) == (1, True)
    with connect(url) as store:
        assert store.accounts.with_domain("acme.dk").name == "Acme"
        store.imports.undo(store.imports.all()[0].id)
        assert store.accounts.all() == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("FILE", "--key", "emial"), "did you mean 'email'?"),
        (("FILE", "--policy", "fill"), "is not known"),
        (("--undo", "x"), "--undo"),
        ((), "give a file, --list, or --undo ID"),
    ],
)
def test_a_mistake_is_one_line_and_code_1(run, words, said):
    """No traceback, nothing written."""
    command, url = run
    code, out, complaint = command(*words)
    assert (code, out, complaint.count("\n")) == (1, "", 1)
    assert said in complaint
    assert people(url) == []


def test_a_terminal_sees_rate_and_time_left(run, monkeypatch):
    """What comes out stays as it is; the progress is told beside it, and only to somebody who watches."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    command, _ = run
    assert not command("FILE", "--source", "fair", "--key", "email+name", "--dry-run")[2]
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    command("FILE", "--source", "fair", "--key", "email+name")
    shown = terminal.getvalue().replace("\u202f", " ")
    assert "Read: 3 in " in shown
    assert "Import: 3 in " in shown
    assert "per second" in shown


def test_a_misspelt_store_is_not_made(tmp_path, capsys):
    """By no command that brings nothing; the line names the file and the remedy."""
    url = f"sqlite:///{tmp_path / 'misspelt.db'}"
    for words in (["run-due"], ["import", "--list"], ["import", "--undo", "0" * 32], ["quality"], ["db", "verify"]):
        assert main([*words, "--url", url]) == 1
        err = capsys.readouterr().err
        assert "no such file: misspelt.db — check --url" in err
    assert not any(tmp_path.iterdir())


def test_an_import_says_that_it_made_the_store(run, tmp_path):
    """A dry run makes none; one that fails says so in its line."""
    command, _ = run
    code, out, _ = command("FILE", "--key", "email+name", "--dry-run")
    assert (code, "shop.db is not there yet" in out) == (0, True)
    assert not (tmp_path / "shop.db").exists()
    code, _, complaint = command("FILE", "--key", "emial")
    assert (code, "shop.db was not there: a new store was made" in complaint) == (1, True)
    (tmp_path / "shop.db").unlink()
    code, out, _ = command("FILE", "--key", "email+name")
    assert (code, "shop.db was not there: a new store was made" in out) == (0, True)
    assert "a new store" not in command("FILE", "--key", "email+name")[1]


def test_an_id_that_is_none_gets_a_remedy_for_the_shell(run):
    """There is no object to give in a terminal."""
    command, _ = run
    assert "`mimcore import --list`" in command("--undo", "abc")[2]
