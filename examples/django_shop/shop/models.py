"""Django's own table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Order(models.Model):
    """One order. `contact` is the id of a contact in mimcore's store: no foreign key, for it is another database."""

    number = models.CharField(max_length=40, unique=True)
    contact = models.UUIDField(db_index=True)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-placed_at"]

    def __str__(self) -> str:
        """The number on the invoice."""
        return self.number
