"""FastAPI with mimcore in its transaction: the example, on aiosqlite, asyncpg and asynchronous psycopg."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

import mimcore as mim

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"a key for tests only"
ANA = {
    "number": "A-1",
    "name": "Ana Sørensen",
    "email": "ana.canary@example.com",
    "total": "249.00",
    "paid_at": "2026-03-01T10:00Z",
}
SVEN = {
    "number": "A-2",
    "name": "Sven Berg",
    "email": "sven@example.com",
    "total": "10.00",
    "paid_at": "2026-03-02T10:00Z",
}
EVERYBODY = {"combinator": "and", "rules": [{"field": "family_name", "operator": "notNull", "value": None}]}


def _example() -> Any:
    """The example's module, loaded from its file."""
    spec = importlib.util.spec_from_file_location("fastapi_app_example", ROOT / "examples" / "fastapi_app" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # FastAPI looks up annotations there
    spec.loader.exec_module(module)
    return module


EXAMPLE = _example()


@pytest.fixture(params=["aiosqlite", "asyncpg", "psycopg"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database behind an asynchronous driver."""
    if request.param == "aiosqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"
    server = make_url(request.getfixturevalue("empty_postgres_url"))
    return server.set(drivername=f"postgresql+{request.param}").render_as_string(hide_password=False)


class Host:
    """A running application and a way to look into its database."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        """Take both."""
        self.client, self.url = client, url

    async def post(self, path: str, body: Any) -> httpx.Response:
        """Send JSON as the user maria."""
        return await self.client.post(path, json=body)

    async def rows(self) -> tuple[int, int, int]:
        """How many orders, contacts and interactions are stored, seen from another connection."""
        engine = create_async_engine(self.url)
        async with engine.connect() as connection:
            counts = [
                (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()
                for name in ("orders", "mim_contact", "mim_interaction")
            ]
        await engine.dispose()
        return tuple(counts)


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Host]:
    """The application between start and end; transports of httpx leave that to the caller."""
    app = EXAMPLE.make_app(url, SECRET)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://host", headers={"x-user": "maria"}) as client,
    ):
        yield Host(client, url)


def with_host(url: str, steps: Callable[[Host], Awaitable[None]]) -> None:
    """Run the steps of a test in one event loop."""

    async def run() -> None:
        async with running(url) as host:
            await steps(host)

    asyncio.run(run())


def test_both_are_committed_together(url: str) -> None:
    """The order and the contact with the purchase, by one transaction of the host; the actor is the user."""

    async def steps(host: Host) -> None:
        answer = await host.post("/orders", ANA)
        assert (answer.status_code, answer.json()["name"]) == (201, "Ana Sørensen")
        assert await host.rows() == (1, 1, 1)

    with_host(url, steps)


def test_both_are_rolled_back_together(url: str) -> None:
    """The host's own row fails last: the contact that was written before it is gone as well."""

    async def steps(host: Host) -> None:
        assert (await host.post("/orders", ANA)).status_code == 201
        engine = create_async_engine(host.url)
        async with engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO orders (number, contact_id) SELECT 'A-2', contact_id FROM orders")
            )
        await engine.dispose()
        answer = await host.post("/orders", SVEN)
        assert (answer.status_code, answer.json()) == (409, {"detail": "an order has this number already"})
        assert await host.rows() == (2, 1, 1)

    with_host(url, steps)


def test_an_error_of_mimcore_rolls_the_host_back(url: str) -> None:
    """A refused address or amount is 422, a purchase under a known id 409; nothing of them is stored."""

    async def steps(host: Host) -> None:
        assert (await host.post("/orders", ANA)).status_code == 201
        for wrong, place in (({"email": "canary@@example"}, "emails"), ({"total": "canary"}, "amount")):
            answer = await host.post("/orders", {**SVEN, **wrong})
            assert answer.status_code == 422
            assert place in answer.json()["detail"][0]["loc"][0]
            assert "canary" not in answer.text
        answer = await host.post("/orders", {**SVEN, "number": "A-1"})
        assert answer.status_code == 409
        assert "another event under this external id" in answer.json()["detail"]
        assert await host.rows() == (1, 1, 1)

    with_host(url, steps)


def test_a_change_of_an_old_version_is_409_and_of_nobody_404(url: str) -> None:
    """Two users saw version 1; the second one is told so."""

    async def steps(host: Host) -> None:
        person = (await host.post("/orders", ANA)).json()
        path = f"/contacts/{person['id']}"
        first = await host.client.patch(path, json={"version": person["version"], "city": "Odense"})
        assert (first.status_code, first.json()["city"], first.json()["version"]) == (
            200,
            "Odense",
            person["version"] + 1,
        )
        second = await host.client.patch(path, json={"version": person["version"], "city": "Aarhus"})
        assert second.status_code == 409
        assert "Aarhus" not in second.text
        nobody = await host.client.patch(f"/contacts/{uuid4()}", json={"version": 1, "city": "Odense"})
        assert nobody.status_code == 404

    with_host(url, steps)


def test_a_rule_goes_in_and_pages_of_people_come_out(url: str) -> None:
    """React Query Builder's JSON and mimcore's own; the cursor leads through all of them, each once."""

    async def steps(host: Host) -> None:
        for number in range(7):
            assert (
                await host.post(
                    "/orders",
                    {
                        **SVEN,
                        "number": f"P-{number}",
                        "email": f"p{number}@example.com",
                        "name": f"Person {number} Berg",
                    },
                )
            ).status_code == 201
        await host.post("/orders", {**ANA, "name": "Ana Sørensen"})
        bergs = {"combinator": "and", "rules": [{"field": "family_name", "operator": "beginsWith", "value": "BERG"}]}
        names: list[str] = []
        after = None
        for size in (3, 3, 1):
            page = (await host.post("/segments/preview", {"rule": bergs, "limit": 3, "after": after})).json()
            assert len(page["people"]) == size
            names += [one["name"] for one in page["people"]]
            after = page["next"]
        assert after is None
        assert sorted(names) == [f"Person {number} Berg" for number in range(7)]
        buyers = mim.fields.contact.purchases.count() >= 1
        everybody = await host.post("/segments/preview", {"rule": mim.RuleDocument(rule=buyers).model_dump()})
        assert len(everybody.json()["people"]) == 8

    with_host(url, steps)


def test_many_requests_at_once(url: str) -> None:
    """Twenty orders beside one another: all are kept, each with its contact and its purchase."""

    async def steps(host: Host) -> None:
        answers = await asyncio.gather(
            *[
                host.post("/orders", {**SVEN, "number": f"N-{number}", "email": f"n{number}@example.com"})
                for number in range(20)
            ]
        )
        assert [answer.status_code for answer in answers] == [201] * 20
        assert await host.rows() == (20, 20, 20)

    with_host(url, steps)


WRONG = {
    "an operator": ({"rule": {"combinator": "and", "rules": [{"field": "primary_email", "operator": "between", "value": ANA["email"]}]}}, ["body", "rule", "rules", 0, "operator"], "contact.primary_email"),
    "a literal": ({"rule": {"combinator": "and", "rules": [EVERYBODY, {"field": "country", "operator": "=", "value": ANA["email"]}]}}, ["body", "rule", "rules", 1, "value"], "contact.demographic.country"),
    "a missing sibling": ({"ruel": EVERYBODY, "x": ANA["email"]}, ["body", "rule"], "required"),
    "a wrong sibling": ({"rule": EVERYBODY, "limit": ANA["email"]}, ["body", "limit"], "integer"),
    "a wrong cursor": ({"rule": EVERYBODY, "after": ANA["email"]}, ["after"], "after"),
    "no rule at all": (ANA["email"], ["body"], ""),
}  # fmt: skip


@pytest.mark.parametrize(("body", "place", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_422_without_personal_values(
    body: Any, place: list[str | int], words: str, tmp_path: Path
) -> None:
    """The JSON path and the reason; the canary is nowhere in the answer."""

    async def steps(host: Host) -> None:
        answer = await host.post("/segments/preview", body)
        assert answer.status_code == 422
        detail = answer.json()["detail"][0]
        assert detail["loc"] == place
        assert words in detail["msg"]
        assert "canary" not in answer.text

    with_host(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}", steps)


def test_the_component_gets_its_fields(tmp_path: Path) -> None:
    """What the front end offers comes from the catalogue."""

    async def steps(host: Host) -> None:
        assert (await host.client.get("/segments/fields")).json() == mim.query_builder_fields()

    with_host(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}", steps)
