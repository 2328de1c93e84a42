"""One store a process, opened when it is first needed; tables brought up to date by `manage.py migrate`."""

from __future__ import annotations

import os
import threading
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

import mimcore as mim


class ShopConfig(AppConfig):
    """The shop, and the store that its views share."""

    name = "shop"

    def ready(self) -> None:
        """Nothing is opened here: a server that loads the application and then forks would share sockets."""
        self._stores: dict[int, mim.Store] = {}
        self._lock = threading.Lock()
        post_migrate.connect(upgrade_store, sender=self)

    @property
    def store(self) -> mim.Store:
        """The store of this process. Threads may share it: each `with store.begin()` has a connection of its own."""
        with self._lock:
            if os.getpid() not in self._stores:
                self._stores = {os.getpid(): connect(schema="verify")}
            return self._stores[os.getpid()]


def connect(**options: Any) -> mim.Store:
    return mim.connect(settings.MIMCORE_URL, secret=settings.MIMCORE_SECRET, actor="shop", source="shop", **options)


def store() -> mim.Store:
    config = apps.get_app_config("shop")
    assert isinstance(config, ShopConfig)  # noqa: S101 - tells the type checker which one it is
    return config.store


def upgrade_store(using: str = "default", **_: object) -> None:
    """Bring mimcore's tables up to date after Django's."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS mimcore")
    connect(schema="upgrade").close()
