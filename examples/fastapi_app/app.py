"""FastAPI, SQLAlchemy's AsyncSession, and mimcore in the same transaction: `uvicorn --factory app:make_app`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import mimcore as mim
from mimcore.sql import prepare_engine, upgrade

User = Annotated[str, Header(alias="x-user")]


class Base(DeclarativeBase):
    """The application's own tables."""


class Order(Base):
    """One order, of a contact of mimcore's."""

    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID]


class NewOrder(BaseModel):
    """An order of somebody new."""

    number: str
    name: str
    email: str
    total: str
    paid_at: str


class Move(BaseModel):
    """Another city; `version` is the one that the user has seen."""

    version: int
    city: str


class Preview(BaseModel):
    """A rule, from React Query Builder or in mimcore's own JSON, and which page is wanted."""

    rule: mim.RuleDocument
    limit: int = Field(50, ge=1, le=500)
    after: str | None = None


class Person(BaseModel):
    """What is shown of a contact."""

    id: UUID
    version: int
    name: str | None
    city: str | None


class People(BaseModel):
    """One page; `next` is the `after` of the following one."""

    people: list[Person]
    next: str | None


def shown(one: mim.Contact) -> Person:
    name = one.name.full if one.name else None
    return Person(id=one.id, version=one.version, name=name, city=one.demographic.city)


def make_app(url: str | None = None, secret: bytes | None = None) -> FastAPI:
    """Return the application.

    Args:
        url: Address of the database for an asynchronous driver; the environment's `DATABASE_URL` unless given.
        secret: Key of mimcore's suppression list; the environment's `MIMCORE_SECRET_KEY` unless given.
    """
    engine = create_async_engine(url or os.environ["DATABASE_URL"])
    prepare_engine(engine)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:  # in production: Alembic, see the other examples
            await connection.run_sync(Base.metadata.create_all)
            await connection.run_sync(upgrade)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    mimcore_errors(app)

    @app.post("/orders", status_code=HTTPStatus.CREATED)
    async def place_order(new: NewOrder, user: User) -> Person:
        async with sessions.begin() as session:
            connection = await session.connection()
            async with mim.AsyncStore.using(connection, actor=user, source="shop", secret=secret) as work:
                (buyer,) = await work.add(mim.Contact(name=new.name, emails=[new.email]))
                value = mim.money(new.total, "DKK")
                await work.record("purchase", contact=buyer, at=new.paid_at, value=value, external_id=new.number)
            session.add(Order(number=new.number, contact_id=buyer.id))
        return shown(buyer)

    @app.patch("/contacts/{contact_id}")
    async def move(contact_id: UUID, body: Move, user: User) -> Person:
        async with sessions.begin() as session:
            connection = await session.connection()
            async with mim.AsyncStore.using(connection, actor=user, source="crm", secret=secret) as work:
                known = await work.contacts.get(contact_id)
                changed = await work.update(known.evolve(city=body.city, version=body.version))
        return shown(changed)

    @app.post("/segments/preview")
    async def preview(body: Preview, user: User) -> People:
        async with sessions() as session:
            connection = await session.connection()
            async with mim.AsyncStore.using(connection, actor=user, secret=secret) as work:
                page = await work.contacts.find(body.rule.rule, limit=body.limit, after=body.after)
        return People(people=[shown(one) for one in page.items], next=page.next)

    @app.get("/segments/fields")
    async def fields() -> list[dict[str, object]]:
        return mim.query_builder_fields()

    return app


def mimcore_errors(app: FastAPI) -> None:
    """Answer mimcore's errors with the status that fits, and never repeat what was sent.

    FastAPI's own answer 422 repeats the input, the whole body if a key is missing: here it does not.
    """

    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
        details = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
        return JSONResponse({"detail": details}, HTTPStatus.UNPROCESSABLE_ENTITY)

    @app.exception_handler(mim.InvalidValueError)
    async def invalid(_: Request, error: mim.InvalidValueError) -> JSONResponse:
        details = [{"type": "invalid_value", "loc": [one.field], "msg": str(one)} for one in error.problems]
        return JSONResponse({"detail": details}, HTTPStatus.UNPROCESSABLE_ENTITY)

    @app.exception_handler(mim.RuleError)
    async def wrong_rule(_: Request, error: mim.RuleError) -> JSONResponse:
        details = [{"type": "rule", "loc": error.place, "msg": str(error)}]
        return JSONResponse({"detail": details}, HTTPStatus.UNPROCESSABLE_ENTITY)

    @app.exception_handler(mim.NotFoundError)
    async def not_found(_: Request, error: mim.NotFoundError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, HTTPStatus.NOT_FOUND)

    @app.exception_handler(mim.ConflictError)
    async def conflict(_: Request, error: mim.ConflictError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, HTTPStatus.CONFLICT)

    @app.exception_handler(IntegrityError)
    async def taken(_: Request, _error: IntegrityError) -> JSONResponse:
        return JSONResponse({"detail": "an order has this number already"}, HTTPStatus.CONFLICT)
