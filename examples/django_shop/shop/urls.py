"""Addresses."""

from __future__ import annotations

from django.urls import path

from shop import views

urlpatterns = [
    path("segments/fields", views.fields),
    path("segments/preview", views.preview),
    path("orders", views.place_order),
]
