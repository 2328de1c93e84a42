from __future__ import annotations

import io

import pytest

from mimcore.display import Progress
from mimcore.errors import InvalidValueError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


class Clock:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Return the time."""
        return self.now


def run(stream, total, items, seconds=1.0, **kwargs):
    """Run a step of so many seconds an item, and return what was written."""
    clock = Clock()
    for _ in Progress(total, "Import", stream=stream, clock=clock, **kwargs)(items):
        clock.now += seconds
    return stream.getvalue().replace("\u202f", " ")


def test_plain_lines_at_the_quarters():
    """Without a terminal there are five lines, however many items."""
    assert run(io.StringIO(), 1000, range(1000), 0.01).splitlines() == [
        "Import: 0 of 1 000 (0 %)",
        "Import: 250 of 1 000 (25 %)",
        "Import: 500 of 1 000 (50 %)",
        "Import: 750 of 1 000 (75 %)",
        "Import: 1 000 in 10 s (100 per second)",
    ]


def test_a_terminal_has_one_line_that_is_redrawn():
    """Each redraw erases the line; rate and time left are told; the last line stays."""
    assert run(Terminal(), None, [1, 2], 4.0).split("\r\x1b[K") == [
        "",
        "Import: 0 of 2 (0 %)",
        "Import: 1 of 2 (50 %), 0.2 per second, 4.0 s left",
        "Import: 2 of 2 (100 %), 0.2 per second, 0 ms left",
        "Import: 2 in 8.0 s (0.2 per second)\n",
    ]


def test_a_terminal_is_redrawn_at_most_ten_times_a_second():
    """A thousand items in one second are at most eleven redraws and the last line."""
    assert 8 <= run(Terminal(), 1000, range(1000), 0.001).count("\r") <= 13


def test_an_unknown_total_is_counted():
    """A generator has no length: a first and a last line."""
    assert run(io.StringIO(), None, iter("abc")) == "Import: 0\nImport: 3 in 3.0 s (1.0 per second)\n"


def test_nothing_to_do():
    """An empty step is done at once."""
    assert run(io.StringIO(), None, []) == "Import: 0 of 0 (100 %)\nImport: 0 in 0 ms\n"


@pytest.mark.parametrize(("stream", "erase"), [(io.StringIO(), ""), (Terminal(), "\r\x1b[K")])
def test_an_exception_leaves_a_clean_line_and_goes_on_its_way(stream, erase):
    """Where it stopped is told on a line of its own."""
    clock = Clock()
    progress = Progress(4, "Import", stream=stream, clock=clock)

    def work():
        with progress:
            progress.advance(3)
            clock.now = 2.0
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert stream.getvalue().endswith(f"{erase}Import: stopped at 3 of 4 (75\u202f%) after 2.0\u202fs\n")


def test_an_exception_in_the_loop_body_is_told_too():
    """The generator is closed by it, and says where."""
    stream = io.StringIO()

    def work():
        for item in Progress(None, "Import", stream=stream, clock=Clock())([1, 2, 3]):
            if item == 2:
                raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        work()
    assert stream.getvalue().splitlines()[-1].replace("\u202f", " ") == "Import: stopped at 1 of 3 (33 %) after 0 ms"


def test_a_stream_of_few_letters_gets_what_it_can_show():
    """A Latin-1 stream has no narrow space and no Greek."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    clock = Clock()
    with Progress(1000, "Εισαγωγή é", stream=stream, clock=clock) as progress:
        progress.advance(1000)
    assert raw.getvalue().decode("latin-1").splitlines()[0] == "???????? é: 0 of 1 000 (0 %)"


def test_a_broken_stream_does_not_end_the_work():
    """A closed pipe is no reason to stop an import."""

    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    assert list(Progress(None, "x", stream=Broken(), clock=Clock())("ab")) == ["a", "b"]


def test_labels_cannot_steer_the_terminal_and_are_cut():
    """Escape sequences are defused and a line is never longer than the terminal."""
    stream = Terminal()
    with Progress(10, "\x1b[31m" + "x" * 200, stream=stream, clock=Clock(), width=40):
        pass
    assert "\x1b[31m" not in stream.getvalue()
    assert all(len(part.strip("\n")) <= 40 for part in stream.getvalue().split("\r\x1b[K"))


def test_a_negative_total_is_refused():
    """There is no such thing."""
    with pytest.raises(InvalidValueError, match="total"):
        Progress(-1, "x", stream=io.StringIO(), clock=Clock())


def test_a_progress_can_be_used_again():
    """Each use begins at nothing."""
    stream = io.StringIO()
    progress = Progress(2, "x", stream=stream, clock=Clock())
    list(progress("ab"))
    list(progress("ab"))
    assert progress.done == 2
    assert stream.getvalue().count("0 of 2") == 2
