"""The contract suite of a back end: subclass it, say how to make one, and pytest proves it.

::

    from mimcore.testing import RepositoryContract


    class TestMyBackend(RepositoryContract):
        def make_backend(self, folder):
            return MyBackend(folder / "data.db")

What the suite asks is what mimcore's own back ends, in memory and on SQL, are held to. New tests come in minor versions
only, and each is named in the changelog.
"""

from __future__ import annotations

from mimcore.testing.contract_attributes import AttributeContract
from mimcore.testing.contract_audiences import AudienceContract
from mimcore.testing.contract_companions import CompanionContract
from mimcore.testing.contract_contacts import ContactContract
from mimcore.testing.contract_entities import KeyedContract
from mimcore.testing.contract_events import InteractionContract, MergeContract
from mimcore.testing.contract_freshness import FreshnessContract
from mimcore.testing.contract_happenings import HappeningContract
from mimcore.testing.contract_logs import ConsentContract, HistoryContract
from mimcore.testing.contract_memberships import MembershipContract
from mimcore.testing.contract_quality import QualityContract
from mimcore.testing.contract_queries import QueryContract
from mimcore.testing.contract_records import ImportContract, ListContract, OutboxContract, WorkContract
from mimcore.testing.contract_rules import RuleContract
from mimcore.testing.contract_transactions import TransactionContract
from mimcore.testing.contract_values import ValueContract
from mimcore.testing.contract_visitors import VisitorContract

__all__ = ["RepositoryContract"]


class RepositoryContract(
    TransactionContract,
    KeyedContract,
    ContactContract,
    QueryContract,
    RuleContract,
    ValueContract,
    HappeningContract,
    CompanionContract,
    InteractionContract,
    MergeContract,
    FreshnessContract,
    HistoryContract,
    ConsentContract,
    ImportContract,
    OutboxContract,
    ListContract,
    WorkContract,
    AttributeContract,
    QualityContract,
    MembershipContract,
    AudienceContract,
    VisitorContract,
):
    """Everything that a back end of mimcore promises. A subclass overrides `make_backend(folder)`."""
