"""Every kind of frame that rules can be asked of, made of the same people: what `ENGINES` is extended by."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
from tests.rules import people_frames
from tests.rules.engines import Asking
from tests.rules.generate import ATTRIBUTES, Dataset
from tests.rules.refusals import is_answered

from mimcore import frames
from mimcore.domain.catalogue import ACCOUNT_FIELDS
from mimcore.rules.language import nodes

__all__ = ["FRAME_ENGINES", "SPARK", "AnyFrameEngine", "spark_frame", "spark_session"]

Make = Callable[[pl.DataFrame], Any]


class AnyFrameEngine(Asking):
    """Rules on one kind of frame, with events, accounts and lists beside the people."""

    def __init__(self, name: str, make: Make, *, is_prepared: bool = True) -> None:
        """Take the name, what makes the frame of a Polars one, and whether text is folded beforehand."""
        self.name = name
        self._frames = lru_cache(maxsize=2)(lambda dataset: _frames(dataset, make, is_prepared=is_prepared))

    def supports(self, rule: nodes.Rule, dataset: Dataset) -> bool:
        """Everything but what `refusals` lists."""
        return is_answered(self.name, rule, dataset)

    def options(self, dataset: Dataset) -> dict[str, Any]:
        """What every verb is given."""
        _, orders, links = self._frames(dataset)
        return {
            "events": frames.events(orders, contact="contact", at="at", value="value", currency="value_currency"),
            "accounts": frames.accounts(links, contact="contact"),
            "segments": dataset.segments | {"listed": _listed_ids(dataset)},
            "now": dataset.now,
            "zone": dataset.zone,
            "attributes": ATTRIBUTES,
            "half_lives": dataset.half_lives,
        }

    def verdicts(self, rules: Sequence[nodes.Rule], dataset: Dataset) -> list[list[bool | None]]:
        """Classify by all rules in one pass; members and their number must agree with it."""
        people, options = self._frames(dataset)[0], self.options(dataset)
        named = {f"answer_{at}": rule for at, rule in enumerate(rules)}
        whole = _collected(frames.classify(people, **options, **named))
        assert frames.count(people, rules[0], **options) == whole["answer_0"].sum()
        members = _collected(frames.filter(people, rules[0], **options))["id"].to_list()
        assert sorted(members) == sorted(whole.filter("answer_0")["id"].to_list())
        in_order = pl.DataFrame({"id": [str(person.contact.id) for person in dataset.people]}).join(
            whole, on="id", how="left", maintain_order="left"
        )
        return [in_order[name].to_list() for name in named]


def _listed_ids(dataset: Dataset) -> list[str]:
    return [str(person.contact.id) for person in dataset.people if "listed" in person.listed_in]


def _collected(frame: Any) -> pl.DataFrame:
    """Any frame as a Polars one, of the id and the answers."""
    whole: Any = nw.from_native(frame)
    kept = whole.select([name for name in whole.collect_schema().names() if name == "id" or name.startswith("answer_")])
    if isinstance(kept, nw.LazyFrame) and kept.implementation.is_pyspark():
        rows = [row.asDict() for row in kept.to_native().collect()]
        return pl.DataFrame(rows, schema={name: pl.String if name == "id" else pl.Boolean for name in kept.columns})
    if isinstance(kept, nw.LazyFrame):
        return pl.from_arrow(kept.collect(backend="pyarrow").to_native())
    return pl.from_arrow(kept.to_arrow())


def _frames(dataset: Dataset, make: Make, *, is_prepared: bool) -> tuple[Any, Any, Any]:
    people = people_frames.polars(people_frames.people_columns(dataset))
    orders = people_frames.polars(people_frames.event_columns(dataset))
    frame_of = {"contact": people, "event": orders, "account": _links(dataset)}
    if is_prepared:
        frame_of = {of: frames.prepare(one, of=of, attributes=ATTRIBUTES) for of, one in frame_of.items()}
    return make(frame_of["contact"]), make(frame_of["event"]), make(frame_of["account"])


def _links(dataset: Dataset) -> pl.DataFrame:
    linked = [(person, account) for person in dataset.people for account in person.accounts]
    specs = (*ACCOUNT_FIELDS, *people_frames.declared(dataset, "account"))
    columns = people_frames.columns(specs, [account for _, account in linked], "account_")
    ids = {"contact": (pl.String(), [str(person.contact.id) for person, _ in linked])}
    return people_frames.polars({**ids, **columns})


CONNECTION = duckdb.connect()
CONNECTION.execute("set timezone = 'Asia/Kolkata'")  # no answer may depend on it


def _nullable(frame: pl.DataFrame) -> pd.DataFrame:
    made = frame.to_pandas()
    for name, dtype in frame.schema.items():
        if dtype.is_numeric() or dtype == pl.Boolean:
            named = {"Float64": "Float64", "Boolean": "boolean"}.get(str(dtype), "Int64")
            made[name] = pd.array([pd.NA if one is None else one for one in frame[name].to_list()], dtype=named)
    return made


def _with_arrow(frame: pl.DataFrame) -> pd.DataFrame:
    return frame.to_pandas(use_pyarrow_extension_array=True)


def _objects(frame: pl.DataFrame) -> pd.DataFrame:
    """As pandas has it without anybody's care: numbers with gaps are floats, lists and dates are objects."""
    made = frame.to_pandas()
    for name, dtype in frame.schema.items():
        if dtype.is_integer() and made[name].dtype == "float64":  # what floats would lose is kept by careful people
            made[name] = pd.Series(frame[name].to_list(), dtype="object")
    made.index = pd.Index([f"row {number % 7}" for number in range(len(made))])
    return made


@cache
def spark_session() -> Any:
    """One local Spark for the whole run, quiet, in a zone of its own that no answer may depend on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark warns of new releases of pandas, which is not used
        from pyspark.sql import SparkSession

        settings = {
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.session.timeZone": "Asia/Kolkata",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
        }
        builder = SparkSession.builder.master("local[2]").appName("mimcore tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def spark_frame(frame: pl.DataFrame) -> Any:
    """Through Parquet, as a snapshot is read."""
    folder = Path(tempfile.mkdtemp(prefix="mimcore-spark-"))
    frame.write_parquet(folder / "frame.parquet")
    return spark_session().read.parquet(str(folder / "frame.parquet"))


SPARK = AnyFrameEngine("spark", spark_frame)
FRAME_ENGINES = (
    AnyFrameEngine("polars", lambda frame: frame),
    AnyFrameEngine("polars unprepared", lambda frame: frame, is_prepared=False),
    AnyFrameEngine("polars lazy", lambda frame: frame.lazy()),
    AnyFrameEngine("polars lazy unprepared", lambda frame: frame.lazy(), is_prepared=False),
    AnyFrameEngine("pyarrow", lambda frame: frame.to_arrow()),
    AnyFrameEngine("pyarrow unprepared", lambda frame: frame.to_arrow(), is_prepared=False),
    AnyFrameEngine("pandas nullable", _nullable),
    AnyFrameEngine("pandas arrow", _with_arrow),
    AnyFrameEngine("pandas unprepared", _objects, is_prepared=False),
    AnyFrameEngine("duckdb", lambda frame: CONNECTION.from_arrow(frame.to_arrow())),
)
"""Those that need no Java."""
