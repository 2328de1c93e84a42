"""What lets any object show itself: tables, trees, charts, reports, progress. Standard library only.

Everything that is written here is safe to show: text from outside is cleaned of control characters and escaped, so
that it can neither become markup nor steer a terminal.
"""

from __future__ import annotations

from mimcore.display.charts import Interval, bars, intervals, line
from mimcore.display.numbers import age_in_words, count, duration, number, percent, plural, share, utc_minute
from mimcore.display.progress import Progress
from mimcore.display.report import Page
from mimcore.display.sets import combinations
from mimcore.display.steps import steps_funnel, waterfall
from mimcore.display.svg import Svg
from mimcore.display.tables import Column, Table
from mimcore.display.trees import Mark, Tree

__all__ = [
    "Column",
    "Interval",
    "Mark",
    "Page",
    "Progress",
    "Svg",
    "Table",
    "Tree",
    "age_in_words",
    "bars",
    "combinations",
    "count",
    "duration",
    "intervals",
    "line",
    "number",
    "percent",
    "plural",
    "share",
    "steps_funnel",
    "utc_minute",
    "waterfall",
]
