"""A rule in, people out; an order in Django's table, the purchase in mimcore's.

Django closes its own connections after a request (`close_old_connections`); mimcore's go back to their pool at the end
of every `with` block, so there is nothing to close.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST
from pydantic import BaseModel, ValidationError

import mimcore as mim
from shop.apps import store
from shop.models import Order


class NewOrder(BaseModel):
    """What a customer sends."""

    email: str
    number: str
    total: Decimal


def refused(error: ValidationError | mim.InvalidValueError) -> JsonResponse:
    """Answer 422 with places and reasons; never with what was sent."""
    if isinstance(error, ValidationError):
        details = error.errors(include_url=False, include_input=False, include_context=False)
    else:
        details = [{"loc": [one.field], "msg": str(one)} for one in error.problems]
    return JsonResponse({"detail": details}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_GET
def fields(request: HttpRequest) -> JsonResponse:
    """What React Query Builder's component offers."""
    del request
    return JsonResponse(mim.query_builder_fields(), safe=False)


@require_POST
def preview(request: HttpRequest) -> JsonResponse:
    """Return a page of the people for whom a rule is true."""
    try:
        rule = mim.RuleDocument.model_validate_json(request.body).rule
        page = store().contacts.find(rule, limit=50, after=request.GET.get("after"))
    except (ValidationError, mim.InvalidValueError) as error:
        return refused(error)
    return JsonResponse({"people": [shown(one) for one in page.items], "next": page.next})


def shown(one: mim.Contact) -> dict[str, str | None]:
    name = one.name.full if one.name else None
    return {"id": str(one.id), "name": name, "country": one.demographic.country}


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    """Save an order; mimcore hears of it once Django has committed, and only then."""
    try:
        new = NewOrder.model_validate_json(request.body)
        value = mim.money(new.total, "DKK")
        with store().read() as work:
            contact = work.contacts.with_email(new.email).id
        with transaction.atomic():
            order = Order.objects.create(number=new.number, contact=contact, total=new.total)
            transaction.on_commit(partial(record_purchase, order, value))
    except (ValidationError, mim.InvalidValueError) as error:
        return refused(error)
    except mim.NotFoundError as error:
        return JsonResponse({"detail": str(error)}, status=HTTPStatus.NOT_FOUND)
    except IntegrityError:
        return JsonResponse({"detail": "this number is taken"}, status=HTTPStatus.CONFLICT)
    return JsonResponse({"number": order.number}, status=HTTPStatus.CREATED)


def record_purchase(order: Order, value: mim.Money) -> None:
    """Record the purchase; the order's number makes a second call harmless, so a job may repeat what a crash lost."""
    with store().begin() as work:
        contact = work.contacts.get(order.contact)
        work.record("purchase", contact=contact, at=order.placed_at, value=value, external_id=order.number)
