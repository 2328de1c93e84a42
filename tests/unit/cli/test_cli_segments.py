"""`mimcore segments` as somebody at a terminal meets it, and as a pipeline does."""

from __future__ import annotations

import pytest

import mimcore as mim
from mimcore import fields as f
from mimcore.cli import main


@pytest.fixture
def shop(tmp_path):
    """Address of a store with two people and two segments."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with mim.connect(url, actor="tester") as store, store.begin() as work:
        work.add(mim.Contact(country="DK"), mim.Contact(country="SE"))
        work.add(mim.Segment(key="danes", rule=f.contact.country == "DK"), mim.Segment(key="guests"))
    return url


def run(capsys, *words):
    """Run the command; return its code, what it printed, and what it complained about."""
    code = main(["segments", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_there_and_back(shop, tmp_path, capsys):
    """Pull, edit, look at the plan, push, and nothing is left to do."""
    folder, path = tmp_path / "segments", tmp_path / "segments" / "danes.json"
    code, out, err = run(capsys, "pull", folder, "--url", shop)
    assert (code, err) == (0, "")
    assert "danes    written" in out
    path.write_text(path.read_text(encoding="utf-8").replace('"DK"', '"SE"'), encoding="utf-8")
    edited = path.read_bytes()
    code, out, _ = run(capsys, "push", folder, "--url", shop, "--dry-run")
    assert code == 0
    assert "danes    changed        1            1            1" in out
    assert "danes: ~ country is DK → SE" in out
    assert path.read_bytes() == edited
    code, out, _ = run(capsys, "push", folder, "--url", shop, "--actor", "maria")
    assert code == 0
    assert "pushed: 0 new, 1 changed, 0 archived" in out
    code, out, _ = run(capsys, "pull", folder, "--url", shop)
    assert "2 unchanged" in out
    code, out, _ = run(capsys, "push", folder, "--url", shop)
    assert (code, "2 unchanged" in out, "nothing to push" in out) == (0, True, True)
    with mim.connect(shop) as store:
        assert store.segments.get("danes").rule == (f.contact.country == "SE")
        assert store.segments.get("danes").version == 2


def test_archiving_and_conflicts(shop, tmp_path, capsys):
    """What has no file is archived only if it is asked for; conflicts and mistakes end with 1 and a line."""
    folder, path = tmp_path / "segments", tmp_path / "segments" / "danes.json"
    run(capsys, "pull", folder, "--url", shop)
    (folder / "guests.json").unlink()
    assert "guests   has no file" in run(capsys, "push", folder, "--url", shop)[1]
    assert "1 archived" in run(capsys, "push", folder, "--url", shop, "--archive-missing")[1]
    with mim.connect(shop) as store, store.begin() as work:
        work.change(work.segments.get("danes"), name="By Maria")
    path.write_text(path.read_text(encoding="utf-8").replace('"DK"', '"SE"'), encoding="utf-8")
    for words in (["push", folder], ["push", folder, "--dry-run"], ["pull", folder]):
        code, out, err = run(capsys, *words, "--url", shop)
        assert (code, out) == (1, "")
        assert "danes" in err
        assert err.count("\n") == 1
    assert run(capsys, "push", folder, "--url", shop, "--overwrite")[0] == 0
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    code, _, err = run(capsys, "push", folder, "--url", shop)
    assert (code, err.startswith("mimcore: danes.json: the text is not JSON")) == (1, True)
    assert run(capsys, "pull", folder, "--url", shop, "--overwrite")[0] == 0


def test_a_store_that_is_not_there_is_not_made(tmp_path, capsys):
    """Neither by pulling nor by pushing."""
    for action in ("pull", "push"):
        code, _, err = run(capsys, action, tmp_path / "segments", "--url", f"sqlite:///{tmp_path / 'none.db'}")
        assert (code, "no such file" in err) == (1, True)
    assert not any(tmp_path.iterdir())
