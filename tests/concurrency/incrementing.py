"""A process that reads, changes and writes one contact many times; run by its path: url, contact id, how often."""

from __future__ import annotations

import sys
from uuid import UUID

import mimcore as mim


def increment(store, contact_id, times):
    """Count the household up, one at a time."""

    def once(work):
        seen = work.contacts.get(contact_id)
        return work.change(seen, household_size=(seen.demographic.household_size or 0) + 1)

    for _ in range(times):
        store.transact(once, attempts=50)


if __name__ == "__main__":
    with mim.connect(sys.argv[1], actor="tester", secret=b"only-for-tests-0", durability="normal") as store:
        increment(store, UUID(sys.argv[2]), int(sys.argv[3]))
