"""The words that the recipe builds people, places and companies from. None of it is about anybody."""

from __future__ import annotations

__all__ = [
    "CITIES",
    "COMPANY_ENDS",
    "COMPANY_STARTS",
    "FAMILIES",
    "FORMULA",
    "INTERESTS",
    "JOBS",
    "MEN",
    "STACK",
    "STREETS",
    "WOMEN",
]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEN = _listed(
    """
    Adam Aidan Albert Anders Andrew Anton Arthur Ben Brian Carl Charles Colin Daniel David Dennis Edward Eric Felix
    Frank George Gustav Harold Henry Hugo Ian Jack Jacob James Jens John Karl Kevin Lars Leo Lewis Liam Magnus Mark
    Martin Max Michael Nils Noah Oliver Oscar Otto Patrick Paul Peter Philip Ralph Robert Samuel Simon Stephen Theo
    Thomas Tobias Victor Walter William
    """
)
WOMEN = _listed(
    """
    Ada Agnes Alice Alma Amelia Anna Astrid Barbara Beth Carla Caroline Cecilia Clara Daisy Diana Edith Elena
    Elisabeth Ella Emily Emma Erica Eva Flora Frida Grace Greta Hannah Helen Ida Ingrid Irene Jane Johanna Julia
    Karen Kate Klara Laura Lea Lily Linda Louise Lucy Maria Martha Mary Mathilda Monica Nina Nora Olivia Petra
    Rachel Rose Ruth Sarah Sofia Susan Tilda Vera
    """
)
FAMILIES = _listed(
    """
    Abbott Adler Andersen Archer Baker Barlow Bauer Becker Bell Bennett Berg Black Bloom Bradley Brandt Brooks Brown
    Burke Carter Chambers Clark Cole Cooper Dahl Dalton Dawson Decker Dixon Drake Dunn Eklund Ellis Evans Falk
    Fischer Fletcher Forsberg Foster Fox Franke Freeman Gardner Gibson Graham Grant Gray Griffin Hale Hall Hansen
    Harper Hartmann Hayes Holm Hudson Hughes Hunter Jansson Jensen Johansen Jordan Keller Kelly Klein Knight Krause
    Lambert Lane Larsen Lindberg Lloyd Lund Mason Meyer Miller Moran Morgan Murphy Nash Neumann Newton Nilsson Nolan
    Norris Olsen Osborne Owens Page Palmer Parker Pearce Perry Porter Quinn Ramsey Reed Rhodes Richter Riley Roth
    Rowe Sanders Schmidt Schubert Shaw Shepherd Sherman Simmons Sommer Spencer Stark Steele Stone Strand Sutton
    Tanner Thorpe Tucker Turner Vance Vogel Wagner Walker Wallace Warner Weber Wells Werner West Winter Wolf Wood
    Wright York
    """
)
CITIES = {
    "US": ("Springfield", "Riverside", "Franklin", "Clinton", "Georgetown", "Salem", "Fairview", "Madison"),
    "GB": ("Ashford", "Kingston", "Newport", "Preston"),
    "DE": ("Neustadt", "Altenburg", "Lindau"),
    "CA": ("Windsor", "Kingston", "Richmond"),
    "SE": ("Nyköping", "Falun"),
}
FORMULA = '=HYPERLINK("http://example.com";"Click here")'
"""A town that a spreadsheet would run: what somebody may type into a form."""
STREETS = ("Oak Street", "Mill Lane", "Station Road", "Park Avenue", "Church Street", "Harbour Road", "Maple Drive")
INTERESTS = _listed(
    """
    cooking cycling gardening gaming hiking music photography reading running sailing software travel
    """
)
JOBS = (
    ("Managing Director", "c_level"),
    ("Head of IT", "director"),
    ("Marketing Director", "director"),
    ("Purchasing Manager", "manager"),
    ("Office Manager", "manager"),
    ("Software Engineer", "senior"),
    ("Accountant", "senior"),
    ("Assistant", "junior"),
)
COMPANY_STARTS = _listed(
    """
    Alder Birch Cedar Delta Ember Fjord Granite Harbour Iris Juniper
    """
)
COMPANY_ENDS = _listed(
    """
    Foods Logistics Media Systems Tools Travel
    """
)
STACK = _listed(
    """
    salesforce sap shopify hubspot
    """
)
