"""mimcore: contacts, accounts, leads, segments, sources, campaigns and tasks, as a typed library.

`import mimcore as mim` gives everything that is promised. Names load when they are first used, so that the import
itself needs pydantic and no database, frame or plotting library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mimcore import testing as testing
    from mimcore.capture.auditing.audit import audit as audit
    from mimcore.capture.exporting.reading import ExportedFile as ExportedFile
    from mimcore.capture.exporting.reading import read_export as read_export
    from mimcore.capture.exporting.writing import Exported as Exported
    from mimcore.capture.files.csv_reader import read_csv as read_csv
    from mimcore.capture.forms.form import Form as Form
    from mimcore.capture.forms.form import form as form
    from mimcore.capture.forms.linting import FormLint as FormLint
    from mimcore.capture.forms.questions import ask as ask
    from mimcore.capture.forms.questions import consent_line as consent_line
    from mimcore.capture.reading.columnar import read_parquet as read_parquet
    from mimcore.capture.reading.excel import read_excel as read_excel
    from mimcore.capture.reading.json_lines import read_json_lines as read_json_lines
    from mimcore.capture.reading.query import read_query as read_query
    from mimcore.capture.reading.vcard import read_vcards as read_vcards
    from mimcore.capture.segment_files.push_plan import PushPlan as PushPlan
    from mimcore.capture.snapshots.snapshot import Snapshot as Snapshot
    from mimcore.capture.syncing.connectors import Connector as Connector
    from mimcore.capture.syncing.connectors import Delivery as Delivery
    from mimcore.capture.syncing.connectors import Rhythm as Rhythm
    from mimcore.capture.syncing.connectors import folder_connector as folder_connector
    from mimcore.capture.syncing.sync import Synced as Synced
    from mimcore.capture.web.capturing import Captured as Captured
    from mimcore.capture.web.capturing import capture_lead as capture_lead
    from mimcore.capture.web.storing import CaptureResult as CaptureResult
    from mimcore.domain import fields as fields
    from mimcore.domain.account import Account as Account
    from mimcore.domain.campaign import Campaign as Campaign
    from mimcore.domain.consent import Decision as Decision
    from mimcore.domain.contact import AccountLink as AccountLink
    from mimcore.domain.contact import Contact as Contact
    from mimcore.domain.custom.attributes import CustomAttribute as CustomAttribute
    from mimcore.domain.custom.fields import attribute as attribute
    from mimcore.domain.declaring.entity import CLEAR as CLEAR
    from mimcore.domain.freshness import UNDATED as UNDATED
    from mimcore.domain.groups import Acquisition as Acquisition
    from mimcore.domain.groups import Demographic as Demographic
    from mimcore.domain.groups import Device as Device
    from mimcore.domain.groups import Employment as Employment
    from mimcore.domain.groups import Firmographic as Firmographic
    from mimcore.domain.groups import Preferences as Preferences
    from mimcore.domain.groups import Psychographic as Psychographic
    from mimcore.domain.groups import SocialProfile as SocialProfile
    from mimcore.domain.groups import Technology as Technology
    from mimcore.domain.interaction import Interaction as Interaction
    from mimcore.domain.lead import Lead as Lead
    from mimcore.domain.membership import MembershipMove as MembershipMove
    from mimcore.domain.quality_rules import QualityRule as QualityRule
    from mimcore.domain.segment import Segment as Segment
    from mimcore.domain.source import Source as Source
    from mimcore.domain.task import Task as Task
    from mimcore.frames.companions import accounts as accounts
    from mimcore.frames.companions import events as events
    from mimcore.frames.linting import lint as lint
    from mimcore.frames.matching import match_columns as match_columns
    from mimcore.frames.preparing import prepare as prepare
    from mimcore.frames.rfm import purchases as purchases
    from mimcore.frames.rfm import rfm as rfm
    from mimcore.frames.rfm import rfm_scores as rfm_scores
    from mimcore.frames.verbs import classify as classify
    from mimcore.frames.verbs import count as count
    from mimcore.frames.verbs import filter as filter  # noqa: A004 - the verb that every frame library uses
    from mimcore.frames.verbs import mask as mask
    from mimcore.frames.verbs import verdict as verdict
    from mimcore.quality.card import Card as Card
    from mimcore.quality.checks.defaults import default_quality_rules as default_quality_rules
    from mimcore.quality.checks.report import QualityReport as QualityReport
    from mimcore.quality.checks.report import QualityTrend as QualityTrend
    from mimcore.quality.decay import DecayReport as DecayReport
    from mimcore.quality.learning.fitting import HalfLifePlan as HalfLifePlan
    from mimcore.quality.queue.items import QueueItem as QueueItem
    from mimcore.quality.queue.queue import StewardQueue as StewardQueue
    from mimcore.quality.refresh import RefreshPlan as RefreshPlan
    from mimcore.quality.usage.readers import Reader as Reader
    from mimcore.quality.usage.use import UseReport as UseReport
    from mimcore.repositories.bulk import Upserted as Upserted
    from mimcore.repositories.paging import Page as Page
    from mimcore.repositories.unit_of_work import UnitOfWork as UnitOfWork
    from mimcore.rules.analysis.branches import analyse as analyse
    from mimcore.rules.analysis.findings import Analysis as Analysis
    from mimcore.rules.analysis.linting import SegmentLint as SegmentLint
    from mimcore.rules.analysis.linting import lint_segments as lint_segments
    from mimcore.rules.analysis.questions import are_disjoint as are_disjoint
    from mimcore.rules.analysis.questions import are_equivalent as are_equivalent
    from mimcore.rules.analysis.questions import is_subset as is_subset
    from mimcore.rules.evaluation.evaluator import evaluate as evaluate
    from mimcore.rules.evaluation.facts import Facts as Facts
    from mimcore.rules.evaluation.objects import objects as objects
    from mimcore.rules.evaluation.selecting import answers as answers
    from mimcore.rules.evaluation.selecting import select as select
    from mimcore.rules.explaining.differences import RuleDifference as RuleDifference
    from mimcore.rules.explaining.english import describe as describe
    from mimcore.rules.explaining.explanation import Explanation as Explanation
    from mimcore.rules.explaining.explanation import explain as explain
    from mimcore.rules.explaining.findings import Finding as Finding
    from mimcore.rules.explaining.flips.nearest_change import Change as Change
    from mimcore.rules.explaining.flips.nearest_change import NearestChange as NearestChange
    from mimcore.rules.explaining.flips.nearest_change import nearest_change as nearest_change
    from mimcore.rules.explaining.flips.next_flip import Flip as Flip
    from mimcore.rules.explaining.flips.next_flip import next_flip as next_flip
    from mimcore.rules.indexing.index import MembershipIndex as MembershipIndex
    from mimcore.rules.indexing.memberships import Memberships as Memberships
    from mimcore.rules.interchange.query_builder_fields import query_builder_fields as query_builder_fields
    from mimcore.rules.interchange.rule_document import RuleDocument as RuleDocument
    from mimcore.rules.language.nodes import Rule as Rule
    from mimcore.rules.writing.builder import everyone as everyone
    from mimcore.segments.audience import Audience as Audience
    from mimcore.segments.audiences.capping import FrequencyCap as FrequencyCap
    from mimcore.segments.audiences.frozen import FrozenAudience as FrozenAudience
    from mimcore.segments.comparing.overlap import Overlap as Overlap
    from mimcore.segments.comparing.profile import SegmentProfile as SegmentProfile
    from mimcore.segments.comparing.sizes import Sizes as Sizes
    from mimcore.segments.difference import Difference as Difference
    from mimcore.segments.difference import diff as diff
    from mimcore.segments.preview import Preview as Preview
    from mimcore.segments.refreshed import Refresh as Refresh
    from mimcore.segments.value.lifecycle import Lifecycle as Lifecycle
    from mimcore.segments.value.payments import Purchases as Purchases
    from mimcore.segments.value.purchases import summarise_purchases as summarise_purchases
    from mimcore.segments.value.rfm import Rfm as Rfm
    from mimcore.segments.value.scheme import RfmScheme as RfmScheme
    from mimcore.segments.value.slipping import valuable_and_slipping as valuable_and_slipping
    from mimcore.segments.value.tiers import ValueTiers as ValueTiers
    from mimcore.sql.own.asking import to_sql as to_sql
    from mimcore.sql.own.asking import where as where
    from mimcore.sql.own.tables import AccountColumns as AccountColumns
    from mimcore.sql.own.tables import EventColumns as EventColumns
    from mimcore.sql.own.tables import TableColumns as TableColumns
    from mimcore.sql.own.tables import account_columns as account_columns
    from mimcore.sql.own.tables import columns as columns
    from mimcore.sql.own.tables import event_columns as event_columns
    from mimcore.store.async_store import AsyncStore as AsyncStore
    from mimcore.store.async_store import connect_async as connect_async
    from mimcore.store.async_work import AsyncUnitOfWork as AsyncUnitOfWork
    from mimcore.store.connecting import connect as connect
    from mimcore.store.from_frames import from_frames as from_frames
    from mimcore.store.store import Store as Store
    from mimcore.values.address import PostalAddress as PostalAddress
    from mimcore.values.email import EmailAddress as EmailAddress
    from mimcore.values.location import Location as Location
    from mimcore.values.location import location as location
    from mimcore.values.money import Money as Money
    from mimcore.values.money import money as money
    from mimcore.values.names import PersonName as PersonName
    from mimcore.values.phone import PhoneNumber as PhoneNumber
    from mimcore.values.text import fold as fold

from mimcore.errors import *  # noqa: F403 - the error tree is public as a whole
from mimcore.errors import __all__ as _error_names
from mimcore.errors import nearest

__version__ = "0.1.0"

_NAMES: dict[str, str] = {
    "Account": "domain.account",
    "AccountColumns": "sql.own.tables",
    "AccountLink": "domain.contact",
    "Acquisition": "domain.groups",
    "Analysis": "rules.analysis.findings",
    "AsyncStore": "store.async_store",
    "AsyncUnitOfWork": "store.async_work",
    "Audience": "segments.audience",
    "CLEAR": "domain.declaring.entity",
    "Campaign": "domain.campaign",
    "CaptureResult": "capture.web.storing",
    "Captured": "capture.web.capturing",
    "Card": "quality.card",
    "Change": "rules.explaining.flips.nearest_change",
    "Connector": "capture.syncing.connectors",
    "Contact": "domain.contact",
    "CustomAttribute": "domain.custom.attributes",
    "DecayReport": "quality.decay",
    "Decision": "domain.consent",
    "Delivery": "capture.syncing.connectors",
    "Demographic": "domain.groups",
    "Device": "domain.groups",
    "Difference": "segments.difference",
    "EmailAddress": "values.email",
    "Employment": "domain.groups",
    "EventColumns": "sql.own.tables",
    "Explanation": "rules.explaining.explanation",
    "Exported": "capture.exporting.writing",
    "ExportedFile": "capture.exporting.reading",
    "Facts": "rules.evaluation.facts",
    "Finding": "rules.explaining.findings",
    "Firmographic": "domain.groups",
    "Flip": "rules.explaining.flips.next_flip",
    "Form": "capture.forms.form",
    "FormLint": "capture.forms.linting",
    "FrequencyCap": "segments.audiences.capping",
    "FrozenAudience": "segments.audiences.frozen",
    "HalfLifePlan": "quality.learning.fitting",
    "Interaction": "domain.interaction",
    "Lead": "domain.lead",
    "Lifecycle": "segments.value.lifecycle",
    "Location": "values.location",
    "MembershipIndex": "rules.indexing.index",
    "MembershipMove": "domain.membership",
    "Memberships": "rules.indexing.memberships",
    "Refresh": "segments.refreshed",
    "Money": "values.money",
    "NearestChange": "rules.explaining.flips.nearest_change",
    "Overlap": "segments.comparing.overlap",
    "Page": "repositories.paging",
    "PersonName": "values.names",
    "PhoneNumber": "values.phone",
    "PostalAddress": "values.address",
    "Preferences": "domain.groups",
    "Preview": "segments.preview",
    "Psychographic": "domain.groups",
    "PushPlan": "capture.segment_files.push_plan",
    "Purchases": "segments.value.payments",
    "QualityReport": "quality.checks.report",
    "QualityRule": "domain.quality_rules",
    "QualityTrend": "quality.checks.report",
    "QueueItem": "quality.queue.items",
    "Reader": "quality.usage.readers",
    "RefreshPlan": "quality.refresh",
    "Rfm": "segments.value.rfm",
    "RfmScheme": "segments.value.scheme",
    "Rhythm": "capture.syncing.connectors",
    "Rule": "rules.language.nodes",
    "RuleDifference": "rules.explaining.differences",
    "RuleDocument": "rules.interchange.rule_document",
    "Segment": "domain.segment",
    "SegmentLint": "rules.analysis.linting",
    "SegmentProfile": "segments.comparing.profile",
    "Sizes": "segments.comparing.sizes",
    "Snapshot": "capture.snapshots.snapshot",
    "SocialProfile": "domain.groups",
    "Source": "domain.source",
    "StewardQueue": "quality.queue.queue",
    "Store": "store.store",
    "Synced": "capture.syncing.sync",
    "TableColumns": "sql.own.tables",
    "Task": "domain.task",
    "Technology": "domain.groups",
    "UNDATED": "domain.freshness",
    "UnitOfWork": "repositories.unit_of_work",
    "Upserted": "repositories.bulk",
    "UseReport": "quality.usage.use",
    "ValueTiers": "segments.value.tiers",
    "account_columns": "sql.own.tables",
    "accounts": "frames.companions",
    "analyse": "rules.analysis.branches",
    "answers": "rules.evaluation.selecting",
    "are_disjoint": "rules.analysis.questions",
    "are_equivalent": "rules.analysis.questions",
    "ask": "capture.forms.questions",
    "attribute": "domain.custom.fields",
    "audit": "capture.auditing.audit",
    "capture_lead": "capture.web.capturing",
    "classify": "frames.verbs",
    "columns": "sql.own.tables",
    "connect": "store.connecting",
    "connect_async": "store.async_store",
    "consent_line": "capture.forms.questions",
    "count": "frames.verbs",
    "default_quality_rules": "quality.checks.defaults",
    "describe": "rules.explaining.english",
    "diff": "segments.difference",
    "evaluate": "rules.evaluation.evaluator",
    "event_columns": "sql.own.tables",
    "events": "frames.companions",
    "everyone": "rules.writing.builder",
    "explain": "rules.explaining.explanation",
    "fields": "domain.fields",
    "filter": "frames.verbs",
    "fold": "values.text",
    "folder_connector": "capture.syncing.connectors",
    "form": "capture.forms.form",
    "from_frames": "store.from_frames",
    "is_subset": "rules.analysis.questions",
    "lint": "frames.linting",
    "lint_segments": "rules.analysis.linting",
    "location": "values.location",
    "mask": "frames.verbs",
    "match_columns": "frames.matching",
    "money": "values.money",
    "nearest_change": "rules.explaining.flips.nearest_change",
    "next_flip": "rules.explaining.flips.next_flip",
    "objects": "rules.evaluation.objects",
    "prepare": "frames.preparing",
    "purchases": "frames.rfm",
    "query_builder_fields": "rules.interchange.query_builder_fields",
    "read_csv": "capture.files.csv_reader",
    "read_excel": "capture.reading.excel",
    "read_export": "capture.exporting.reading",
    "read_json_lines": "capture.reading.json_lines",
    "read_parquet": "capture.reading.columnar",
    "read_query": "capture.reading.query",
    "read_vcards": "capture.reading.vcard",
    "rfm": "frames.rfm",
    "rfm_scores": "frames.rfm",
    "select": "rules.evaluation.selecting",
    "summarise_purchases": "segments.value.purchases",
    "testing": "testing",
    "to_sql": "sql.own.asking",
    "valuable_and_slipping": "segments.value.slipping",
    "verdict": "frames.verbs",
    "where": "sql.own.asking",
}

_MODULES = frozenset({"fields", "testing"})

__all__ = sorted([*_NAMES, *_error_names, "__version__"])  # noqa: PLE0605 # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    module = _NAMES.get(name)
    if module is None:
        hint = nearest(name, _NAMES) if name.isidentifier() and not name.startswith("_") else ""
        raise AttributeError(f"module 'mimcore' has no attribute '{name}'{hint}")
    import_module("mimcore.domain.catalogue")  # registers the fields that rules may mention
    loaded = import_module(f"mimcore.{module}")
    value = loaded if module.rpartition(".")[2] == name and name in _MODULES else getattr(loaded, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
