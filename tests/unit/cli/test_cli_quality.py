"""`mimcore quality` as somebody at a terminal meets it, and as a scheduled job does."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.cli import main


@pytest.fixture
def shop(tmp_path):
    """Address of a store with two people of whom one has no address, and a rule that one of them does not pass."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with mim.connect(url, actor="tester") as store:
        with store.begin() as work:
            work.add(mim.Contact(emails=["ana@example.com"], city="Lund"), mim.Contact(city="Odense"))
        store.quality.declare(mim.QualityRule.complete("email-known", f.contact.emails, owner="maria"))
    return url


def run(capsys, *words):
    """Run the command; return its code, what it printed, and what it complained about."""
    code = main(["quality", *words])
    said = capsys.readouterr()
    return code, said.out.replace("\u202f", " "), said.err


def test_the_report(shop, capsys):
    """Nothing is written unless it is asked for; a rule that fails ends with 1 only then."""
    code, out, err = run(capsys, "--url", shop)
    assert (code, err) == (0, "")
    assert "email-known  completeness  50.0 %  100 %          2  fails (warning)" in out
    assert "0 of 1 rules pass" in out
    assert "not recorded" in out
    assert "maria  1 of 2 does not pass, at least 100 % should" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    with mim.connect(shop) as store:
        assert store.tasks.all() == ()
    assert run(capsys, "--url", shop, "--strict")[0] == 1


def test_recording(shop, capsys):
    """Results are stored and a task is opened, once."""
    for told in ("1 task opened", "0 of 1 rules pass"):
        code, out, _ = run(capsys, "--url", shop, "--record", "--actor", "cron")
        assert code == 0
        assert told in out
        assert "not recorded" not in out
    with mim.connect(shop) as store:
        assert len(store.tasks.all()) == 1
        assert store.quality.last_check()["email-known"].share == 0.5
    code, out, _ = run(capsys, "queue", "--url", shop)
    assert "warning   check  Data quality: email-known fails  maria" in out
    assert "nothing waits" in run(capsys, "queue", "--url", shop, "--owner", "nobody-else")[1]


def test_use(shop, capsys):
    """What nobody reads."""
    code, out, _ = run(capsys, "use", "--url", shop)
    assert code == 0
    assert "66.7 % of all values are read by nobody" in out


def test_defaults(shop, tmp_path, capsys):
    """They are declared beside what is there, which stays; a store without rules says what to do."""
    code, out, _ = run(capsys, "--url", shop, "--defaults", "--strict")
    assert code == 1
    assert "country-known" in out
    with mim.connect(shop) as store:
        assert {one.key: one.owner for one in store.quality.rules()}["email-known"] == "maria"
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    mim.connect(empty).close()
    code, out, err = run(capsys, "--url", empty)
    assert (code, out, err) == (1, "", "mimcore: no rules of quality are declared: give --defaults\n")


def test_a_missing_file_is_not_made(tmp_path, capsys):
    """Looking at a store does not create one."""
    code, _, err = run(capsys, "--url", f"sqlite:///{tmp_path / 'no.db'}")
    assert code == 1
    assert err.startswith("mimcore: there is no such file")
    assert list(tmp_path.iterdir()) == []
