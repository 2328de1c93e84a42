"""Paid or organic: one table from what is known of a visit to a channel; the first line that fits decides.

The lines follow the default channel groups of Google Analytics 4 (support.google.com/analytics/answer/9756891), whose
lists of sites are longer. Click ids and referrers, which that table takes for granted, have lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mimcore.capture.web.tracking import CLICK_IDS, Tracking
from mimcore.display.tables import Table
from mimcore.domain.vocabularies import Channel

__all__ = ["CHANNEL_RULES", "ChannelRule", "Traffic", "channel_table", "traffic_of"]

_PAID = re.compile("^(.*cp.*|ppc|retargeting|paid.*)$")
_NAMES: Mapping[str, str] = {
    "search": "google bing duckduckgo ecosia yahoo yandex baidu qwant startpage brave kagi naver seznam ask aol",
    "social": "facebook fb instagram ig threads linkedin lnkd twitter x t tiktok pinterest reddit snapchat xing bsky "
    "bluesky mastodon vk quora tumblr whatsapp meta",
    "video": "youtube youtu vimeo twitch dailymotion",
    "shopping": "amazon ebay etsy alibaba walmart zalando",
}
_SITES = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
_SECOND = frozenset({"co", "com", "org", "net", "ac"})
"""What stands between a name and a country, as in google.co.uk."""
_MAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_SOCIAL = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})


@dataclass(frozen=True, slots=True)
class Visit:
    """What the lines look at, in small letters."""

    source: str
    medium: str
    campaign: str
    source_kind: str
    referrer_kind: str
    clicks: frozenset[str]

    @property
    def is_paid(self) -> bool:
        """Whether the medium says that it was paid for."""
        return bool(_PAID.match(self.medium))

    @property
    def is_shop(self) -> bool:
        """Whether source or campaign name a shop."""
        return self.source_kind == "shopping" or bool(re.match("^(.*(([^a-df-z]|^)shop|shopping).*)$", self.campaign))

    def has_click(self, group: str) -> bool:
        """Whether a click id proves a group."""
        return any(CLICK_IDS[one][1] == group for one in self.clicks)


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """One line of the table.

    Attributes:
        group: Name of the default channel group in Google Analytics.
        channel: Our channel; several groups share one.
        is_paid: True for paid, False for organic, None for what is neither.
        when: What must hold, for people.
    """

    group: str
    channel: Channel
    is_paid: bool | None
    when: str
    holds: Callable[[Visit], bool]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Where somebody came from, decided by one line of the table.

    Attributes:
        source: `utm_source`, else who added the click id, else the referring host; None for direct visits.
        rule: The line that decided.
    """

    source: str | None
    rule: ChannelRule

    @property
    def channel(self) -> Channel:
        """The channel."""
        return self.rule.channel

    @property
    def is_paid(self) -> bool | None:
        """True for paid, False for organic, None for what is neither."""
        return self.rule.is_paid

    @property
    def group(self) -> str:
        """Name of the default channel group."""
        return self.rule.group


def _paid(group: str, channel: Channel, kind: str) -> ChannelRule:
    when = f"the medium is paid, and the source is a {kind} site"
    return ChannelRule(group, channel, True, when, lambda visit: visit.is_paid and visit.source_kind == kind)


def _click(group: str, channel: Channel) -> ChannelRule:
    ids = ", ".join(f"`{name}`" for name, (_, proved) in CLICK_IDS.items() if proved == group)
    is_paid = group != "Organic Social"
    return ChannelRule(group, channel, is_paid, f"click id {ids}", lambda visit: visit.has_click(group))


def _organic(group: str, channel: Channel, kind: str, words: frozenset[str]) -> ChannelRule:
    said = f", or the medium is one of {', '.join(sorted(words))}" if words else ""
    when = f"the source is a {kind} site{said}"
    return ChannelRule(group, channel, False, when, lambda one: one.source_kind == kind or one.medium in words)


def _named(group: str, channel: Channel, words: frozenset[str], *, is_paid: bool | None = None) -> ChannelRule:
    when = f"medium or source is one of {', '.join(sorted(words))}"
    return ChannelRule(group, channel, is_paid, when, lambda one: one.medium in words or one.source in words)


def _referred(group: str, channel: Channel, kind: str) -> ChannelRule:
    when = f"no parameters; the referrer is a {kind} site"
    return ChannelRule(group, channel, False, when, lambda visit: visit.referrer_kind == kind)


CHANNEL_RULES: tuple[ChannelRule, ...] = (
    ChannelRule(
        "Paid Shopping", Channel.PAID_SEARCH, True, "the medium is paid, and source or campaign name a shop",
        lambda visit: visit.is_paid and visit.is_shop,
    ),
    _paid("Paid Search", Channel.PAID_SEARCH, "search"),
    _paid("Paid Social", Channel.PAID_SOCIAL, "social"),
    _paid("Paid Video", Channel.DISPLAY, "video"),
    ChannelRule(
        "Display", Channel.DISPLAY, True, f"the medium is one of {', '.join(sorted(_DISPLAY))}",
        lambda visit: visit.medium in _DISPLAY,
    ),
    _click("Display", Channel.DISPLAY),
    _click("Paid Search", Channel.PAID_SEARCH),
    _click("Paid Social", Channel.PAID_SOCIAL),
    ChannelRule("Paid Other", Channel.OTHER, True, "the medium is paid", lambda visit: visit.is_paid),
    ChannelRule(
        "Organic Shopping", Channel.ORGANIC_SEARCH, False, "source or campaign name a shop", lambda visit: visit.is_shop
    ),
    _organic("Organic Social", Channel.ORGANIC_SOCIAL, "social", _SOCIAL),
    ChannelRule(
        "Organic Video", Channel.ORGANIC_SOCIAL, False, "the source is a video site, or the medium holds video",
        lambda visit: visit.source_kind == "video" or "video" in visit.medium,
    ),
    _organic("Organic Search", Channel.ORGANIC_SEARCH, "search", frozenset({"organic"})),
    _named("Email", Channel.EMAIL, _MAIL),
    _named("Affiliates", Channel.AFFILIATE, frozenset({"affiliate", "affiliates"}), is_paid=True),
    _named("Referral", Channel.REFERRAL, frozenset({"referral", "app", "link"})),
    _named("Audio", Channel.BROADCAST, frozenset({"audio"}), is_paid=True),
    _named("SMS", Channel.SMS, frozenset({"sms"})),
    ChannelRule(
        "Mobile Push Notifications", Channel.PUSH, None, "the medium ends with push, or holds mobile or notification",
        lambda visit: visit.medium.endswith("push") or "mobile" in visit.medium or "notification" in visit.medium,
    ),
    _click("Organic Social", Channel.ORGANIC_SOCIAL),
    ChannelRule(
        "Unassigned", Channel.OTHER, None, "there are parameters, and no line above fits",
        lambda visit: bool(visit.medium or visit.source) and visit.medium not in {"(none)", "(not set)"},
    ),
    _referred("Organic Search", Channel.ORGANIC_SEARCH, "search"),
    _referred("Organic Social", Channel.ORGANIC_SOCIAL, "social"),
    _referred("Organic Video", Channel.ORGANIC_SOCIAL, "video"),
    _referred("Organic Shopping", Channel.ORGANIC_SEARCH, "shopping"),
    ChannelRule(
        "Referral", Channel.REFERRAL, None, "no parameters; the referrer is any other site",
        lambda visit: visit.referrer_kind == "other",
    ),
    ChannelRule("Direct", Channel.DIRECT, None, "nothing is known, or the referrer is the own site", lambda _: True),
)  # fmt: skip
"""The table, in the order in which it is asked."""


def traffic_of(tracking: Tracking, own_hosts: frozenset[str] = frozenset()) -> Traffic:
    """Decide where somebody came from.

    Args:
        tracking: What is known.
        own_hosts: Hosts that are the own site, beside the landing page's.

    Examples:
        >>> from mimcore.capture.web.tracking import read_tracking
        >>> found = traffic_of(read_tracking("https://acme.dk/?utm_source=facebook&utm_medium=paid_social", None))
        >>> found.group, found.channel.value, found.is_paid
        ('Paid Social', 'paid_social', True)
    """
    said = {name: value.casefold() for name, value in tracking.utm.items()}
    source = said.get("utm_source", "")
    referring = "" if _is_own(tracking, own_hosts) else tracking.referring_host
    visit = Visit(
        source,
        said.get("utm_medium", ""),
        said.get("utm_campaign", ""),
        _kind(source),
        (_kind(referring) or "other") if referring else "",
        frozenset(tracking.clicks),
    )
    rule = next(one for one in CHANNEL_RULES if one.holds(visit))
    added = next((CLICK_IDS[one][0] for one in tracking.clicks), None)
    return Traffic(tracking.utm.get("utm_source") or added or referring or None, rule)


def _is_own(tracking: Tracking, own_hosts: frozenset[str]) -> bool:
    own = {tracking.host, *own_hosts} - {""}
    return _bare(tracking.referring_host) in set(map(_bare, own))


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.")


def _kind(source: str) -> str:
    """Return what kind of site a source or a host is; empty for any other. `mail.google.com` is no search."""
    labels = source.casefold().split(".")
    if labels[0] in {"mail", "docs", "drive", "sites", "news", "meet"} and len(labels) > 1:
        return ""
    place = -3 if len(labels) > 2 and labels[-2] in _SECOND else -2
    name = labels[0] if len(labels) == 1 else labels[place]
    return next((kind for kind, sites in _SITES.items() if name in sites), "")


def channel_table() -> Table:
    """Return the table as it is asked: the first line that fits decides.

    Examples:
        >>> channel_table().columns[0].name
        'group'
    """
    words = {True: "paid", False: "organic", None: ""}
    rows = [(one.group, one.channel.value, words[one.is_paid], one.when) for one in CHANNEL_RULES]
    return Table.of(("group", "channel", "paid or organic", "when"), rows, title="Where people come from")
