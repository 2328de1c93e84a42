"""Ports of storage, and the unit of work that services and stores share: reading by rule, writing with provenance."""
