"""Settings of the shop. Django's tables and mimcore's never meet: two files on SQLite, two schemas on PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import make_url

HERE = Path(__file__).resolve().parent
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for development only")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["shop"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "shop.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

address = make_url(os.environ.get("DATABASE_URL", f"sqlite:///{HERE / 'shop.db'}"))
is_postgresql = address.get_backend_name() == "postgresql"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql" if is_postgresql else "django.db.backends.sqlite3",
        "NAME": address.database,
        "USER": address.username or "",
        "PASSWORD": address.password or "",
        "HOST": address.host or address.query.get("host", ""),
        "PORT": address.port or "",
        "TEST": {"NAME": address.database},
    }
}

# mimcore's own schema is the only one on its search path, so that no name can collide with one of Django's.
beside = address.update_query_dict({"options": "-csearch_path=mimcore"}) if is_postgresql else f"{address}.marketing"
MIMCORE_URL = beside if isinstance(beside, str) else beside.render_as_string(hide_password=False)
MIMCORE_SECRET = os.environ.get("MIMCORE_SECRET_KEY", "for development only").encode()
