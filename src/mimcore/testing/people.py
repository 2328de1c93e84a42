"""The made-up material of the factories: reserved domains, reserved numbers, names combined by lot."""

from __future__ import annotations

__all__ = ["AREA_CODES", "CITIES", "FAMILY_NAMES", "GIVEN_NAMES", "INTERESTS", "MAIL_DOMAINS"]

GIVEN_NAMES = (
    "Ada", "Aksel", "Birgit", "Bo", "Carla", "Chen", "Dilan", "Ebba", "Emil", "Farah", "Gustav", "Hana", "Ingrid",
    "Ivo", "Jonas", "Kaja", "Lea", "Liam", "Maja", "Milan", "Nadia", "Nils", "Olga", "Otto", "Paula", "Rafael",
    "Rosa", "Samir", "Signe", "Tariq", "Thea", "Uma", "Viktor", "Vera", "Wilma", "Yusuf", "Zoe", "Øystein", "Åse",
    "Émile",
)  # fmt: skip
"""Common given names of several countries; a person appears only by chance of combination."""

FAMILY_NAMES = (
    "Ahlgren", "Bakker", "Castellan", "Dahlström", "Elmquist", "Fairbrook", "Grünwald", "Hasselby", "Iversby",
    "Jacquet", "Kowalczyk", "Lindvik", "Marchetti", "Nordvall", "Okonjo", "Papadakis", "Quintero", "Rosenthal",
    "Sørlie", "Tanaka", "Ullerup", "Vasquez", "Westerholm", "Yamada", "Zielinski", "Østergren", "Ågård", "Müllner",
    "Ferreira", "Haddad",
)  # fmt: skip

MAIL_DOMAINS = ("example.com", "example.net", "example.org")
"""Reserved for examples by RFC 2606: no mail is ever delivered there."""

AREA_CODES = (
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231,
    234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302,
)  # fmt: skip
"""Area codes in which 555-0100 to 555-0199 are reserved for fiction: 4 000 numbers."""

CITIES = (
    ("Aarhus", "8000", "DK"),
    ("Odense", "5000", "DK"),
    ("Malmö", "211 20", "SE"),
    ("Bergen", "5003", "NO"),
    ("Hamburg", "20095", "DE"),
    ("Graz", "8010", "AT"),
    ("Lyon", "69001", "FR"),
    ("Leeds", "LS1 4DY", "GB"),
)
"""Town, postal code, country."""

INTERESTS = ("cycling", "gardening", "jazz", "chess", "sailing", "baking", "running", "photography")
