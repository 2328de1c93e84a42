"""Tests with Django's own client and runner: `python manage.py test`."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client, TransactionTestCase

import mimcore as mim
from shop.apps import store
from shop.models import Order

DANES = {"combinator": "and", "rules": [{"field": "country", "operator": "in", "value": "DK"}]}
ANA = "ana.canary@example.com"


class ShopTest(TransactionTestCase):
    """Each test starts with empty tables of Django and one customer in mimcore."""

    def setUp(self) -> None:
        """Add a customer."""
        with store().begin() as work:
            for known in work.contacts.find().items:
                work.remove(known)
            self.ana = mim.Contact(name="Ana Sørensen", emails=[ANA], country="DK")
            work.add(self.ana, mim.Contact(name="Sven Berg", country="SE"))

    def tearDown(self) -> None:
        """Close the store of this test."""
        store().close()
        apps.get_app_config("shop").ready()

    def post(self, path: str, body: Any) -> HttpResponse:
        return self.client.post(path, body, content_type="application/json")

    def purchases(self) -> int:
        return store().contacts.count(mim.fields.contact.purchases.count() >= 1)

    def test_a_rule_goes_in_and_people_come_out(self) -> None:
        """The page holds the Danes, and says that it is the last one."""
        answer = self.post("/segments/preview", DANES).json()
        self.assertEqual(
            answer, {"people": [{"id": str(self.ana.id), "name": "Ana Sørensen", "country": "DK"}], "next": None}
        )

    def test_a_long_result_comes_in_pages(self) -> None:
        """The cursor of a page leads to the next one."""
        with store().begin() as work:
            work.add(*[mim.Contact(name=f"Dane {number}", country="DK") for number in range(60)])
        first = self.post("/segments/preview", DANES).json()
        second = self.client.post(
            f"/segments/preview?after={first['next']}", DANES, content_type="application/json"
        ).json()
        self.assertEqual([len(first["people"]), len(second["people"]), second["next"]], [50, 11, None])

    def test_a_wrong_rule_is_422_without_its_values(self) -> None:
        """The place, the field and the remedy; not the e-mail address."""
        answer = self.post(
            "/segments/preview", {"combinator": "and", "rules": [{"field": "gender", "operator": "=", "value": ANA}]}
        )
        self.assertEqual(answer.status_code, 422)
        self.assertEqual(answer.json()["detail"][0]["loc"], ["rules", 0, "value"])
        self.assertIn("contact.demographic.gender", answer.json()["detail"][0]["msg"])
        for wrong in (
            answer,
            self.client.post(f"/segments/preview?after={ANA}", DANES, content_type="application/json"),
            self.post("/segments/preview", f"{{{ANA}"),
        ):
            self.assertEqual(wrong.status_code, 422)
            self.assertNotIn("canary", wrong.content.decode())

    def test_an_order_is_saved_here_and_the_purchase_there(self) -> None:
        """Both databases know of it."""
        self.assertEqual(self.post("/orders", {"email": ANA, "number": "A-1", "total": "249.00"}).status_code, 201)
        self.assertEqual(Order.objects.get().contact, self.ana.id)
        self.assertEqual(self.purchases(), 1)

    def test_an_order_that_fails_leaves_no_purchase(self) -> None:
        """Django rolls back, and mimcore never hears of it; nor of an order that is wrong or nobody's."""
        Order.objects.create(number="A-2", contact=self.ana.id, total=1)
        answers = [
            self.post("/orders", {"email": ANA, "number": "A-2", "total": "249.00"}),
            self.post("/orders", {"email": ANA, "number": "A-3", "total": "1.005"}),
            self.post("/orders", {"email": "nobody@example.com", "number": "A-4", "total": "1"}),
        ]
        self.assertEqual([answer.status_code for answer in answers], [409, 422, 404])
        self.assertEqual((Order.objects.count(), self.purchases()), (1, 0))

    def test_the_tables_never_meet(self) -> None:
        """Django sees its own table only, and there is none of it beside mimcore's."""
        names = connection.introspection.table_names()
        self.assertIn("shop_order", names)
        self.assertEqual([name for name in names if name.startswith("mim")], [])

    def test_threads_share_the_store(self) -> None:
        """Many requests at once; Django closes its connections in every thread, mimcore's go back by themselves."""

        def order(number: int) -> int:
            try:
                body = {"email": ANA, "number": f"T-{number}", "total": "1"}
                return Client().post("/orders", body, content_type="application/json").status_code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(order, range(20))), [201] * 20)
        with store().read() as work:
            self.assertEqual(work.contacts.count(mim.fields.contact.purchases.count() == 20), 1)

    def test_a_fork_has_a_store_of_its_own(self) -> None:
        """As under a server that loads the application before it forks."""
        before = store()
        self.assertEqual(before.contacts.count(), 2)
        child = os.fork()
        if child == 0:
            is_right = store() is not before and store().contacts.count() == 2
            os._exit(0 if is_right else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertIs(store(), before)
        self.assertEqual(before.contacts.count(), 2)
