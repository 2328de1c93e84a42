"""The key of the suppression list: judged before anything is remembered, made whole, and one wins of two at once."""

from __future__ import annotations

import os
import stat
from threading import Barrier, Thread

import pytest

import mimcore as mim
from mimcore.errors import SecretKeyError
from mimcore.memory.backend import InMemoryBackend
from mimcore.store.keys import KEY_VARIABLE, known_key

ONE, OTHER = b"1" * 32, b"2" * 32


@pytest.fixture(autouse=True)
def _no_key_around(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.mark.parametrize("left", [b"", b"short"])
def test_a_key_that_is_too_short_is_not_remembered(tmp_path, left):
    """A file that a crash left empty: the database is as new as before, and opens with a good key, or makes one."""
    url, file = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "a.db.key"
    file.write_bytes(left)
    for _ in range(2):
        with pytest.raises(SecretKeyError, match="too short to be one: put the right one back, or remove it"):
            mim.connect(url)
    file.unlink()
    mim.connect(url).close()
    assert len(file.read_bytes()) == 32
    mim.connect(url).close()


def test_a_short_key_of_whoever_calls_is_not_remembered():
    """`Store.using` hands on what it was given."""
    backend = InMemoryBackend()
    with pytest.raises(SecretKeyError, match="too short"):
        known_key(backend, b"short", None)
    assert known_key(backend, ONE, None) == ONE


class _Behind(InMemoryBackend):
    """Another process stores its key between our look and our write."""

    def setting(self, name):
        found = super().setting(name)
        super().set_setting(name, "of another key")
        return found


def test_of_two_keys_one_stands():
    """Both look, neither finds one: the later to write is refused, and replaces nothing."""
    with pytest.raises(SecretKeyError, match="not the one this database was made with"):
        known_key(_Behind(), ONE, None)


def test_of_many_who_open_a_new_database_one_key_stands(tmp_path):
    """Threads with two keys: those with one of them get in, the others are refused."""
    url, start, got = f"sqlite:///{tmp_path / 'a.db'}", Barrier(4), []

    def opened(key):
        start.wait()
        try:
            mim.connect(url, secret=key).close()
        except SecretKeyError:
            return
        got.append(key)

    threads = [Thread(target=opened, args=(key,)) for key in (ONE, OTHER, ONE, OTHER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(got) == 2
    assert len(set(got)) == 1


def test_a_key_file_of_another_process_is_kept(tmp_path, monkeypatch):
    """It came between our look and our write: its key is used, and no draft is left behind."""
    file, real = tmp_path / "a.db.key", os.link

    def late(draft, place):
        file.write_bytes(OTHER)
        real(draft, place)

    monkeypatch.setattr(os, "link", late)
    assert known_key(InMemoryBackend(), None, file, may_make=True) == OTHER
    assert [one.name for one in tmp_path.iterdir()] == ["a.db.key"]


def test_a_file_system_without_links(tmp_path, monkeypatch):
    """The key is written in place, for its owner alone."""

    def refused(_draft, _place):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    file = tmp_path / "a.db.key"
    key = known_key(InMemoryBackend(), None, file, may_make=True)
    assert file.read_bytes() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a.db.key"]


def test_a_path_that_leads_nowhere(tmp_path):
    """A dangling link, and a folder: an error of ours with the reason, and nothing is left behind."""
    file = tmp_path / "a.db.key"
    file.symlink_to(tmp_path / "gone" / "key")
    with pytest.raises(SecretKeyError, match=r"cannot be read or made \(No such file or directory\)"):
        known_key(InMemoryBackend(), None, file, may_make=True)
    assert [one.name for one in tmp_path.iterdir()] == ["a.db.key"]
    file.unlink()
    file.mkdir()
    with pytest.raises(SecretKeyError, match="cannot be read or made"):
        known_key(InMemoryBackend(), None, file, may_make=True)
