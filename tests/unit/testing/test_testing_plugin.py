"""The plugin as a user meets it, in a pytest of its own; and what loading it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
USER_TESTS = """
import mimcore as mim
from mimcore.testing import assert_segment


def test_upsell(mim_store, mim_factory, mim_clock):
    upsell = mim.fields.contact.purchases.count(within_days=90) >= 3
    heavy = mim_factory.contact(purchases=["2026-03-01", "2026-03-09", "2026-03-20"])
    light = mim_factory.contact()
    assert_segment(upsell, includes=[heavy], excludes=[light])
    with mim_store.begin() as work:
        mim_factory.add_to(work)
    assert [one.id for one in mim_store.members(upsell)] == [heavy.id]
    mim_clock.advance(days=365)
    assert mim_store.members(upsell) == ()


def test_every_test_has_its_own(mim_store, mim_factory):
    assert mim_store.contacts.count() == 0
    assert mim_factory.contact().emails[0].value.startswith("person-1@")
"""


def _run(*arguments, cwd):
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_the_fixtures_work_in_a_users_tests(tmp_path):
    """Store, clock and factory, fresh for every test; interactions reach the store; the clock is the store's."""
    (tmp_path / "test_mine.py").write_text(USER_TESTS, encoding="utf-8")
    done = _run("-m", "pytest", "-q", "-W", "error", "-p", "mimcore.testing.plugin", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def _loaded_by(statement, tmp_path):
    done = _run("-c", f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout)} | {
        name for name in json.loads(done.stdout) if name.startswith("mimcore.")
    }


def test_the_plugin_loads_nothing_heavy(tmp_path):
    """Pytest loads it in every run of every project that has mimcore installed: it costs next to nothing."""
    loaded = _loaded_by("import mimcore.testing.plugin", tmp_path)
    assert {"pydantic", "hypothesis", "sqlalchemy", "phonenumbers"} & loaded == set()
    assert {one for one in loaded if one.startswith(("mimcore.domain", "mimcore.store", "mimcore.rules"))} == set()


def test_factories_clock_and_assertions_need_no_test_library(tmp_path):
    """They are of use in a notebook too."""
    names = "Factory, FixedClock, assert_segment, using_factory"
    loaded = _loaded_by(f"from mimcore.testing import {names}", tmp_path)
    assert {"pytest", "_pytest", "hypothesis", "sqlalchemy"} & loaded == set()
    assert "mimcore.testing.factories" in loaded


def test_all_public_names_are_there():
    """What is promised loads, and a misspelt name is an AttributeError."""
    from mimcore import testing

    assert {name for name in testing.__all__ if getattr(testing, name) is None} == set()
    assert testing.strategies.NOW.tzinfo is not None
    assert set(testing.__all__) < set(dir(testing))
    assert not hasattr(testing, "Factry")
