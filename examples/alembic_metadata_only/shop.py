"""The host application's own tables."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text

metadata = MetaData()
orders = Table("orders", metadata, Column("id", Integer, primary_key=True), Column("number", Text, nullable=False))
