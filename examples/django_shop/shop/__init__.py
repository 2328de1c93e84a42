"""The shop: orders in Django's tables, customers in mimcore's."""
