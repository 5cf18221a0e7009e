"""What licence papers call things, in English and French, and how they write days, prices and places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from core.kit.words import folded

LABELS: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "filename", "file name", "audio file", "fichier", "nom du fichier", "nom de fichier"),
    "title": (
        "title", "track", "track title", "track name", "song", "song title", "work", "work title", "music title", "composition",
        "titre", "titre du morceau", "morceau", "nom du morceau", "musique", "œuvre", "oeuvre", "titre de l œuvre", "titre de l oeuvre",
    ),
    "artist": ("artist", "artists", "performer", "performed by", "artist name", "artiste", "artistes", "interprete", "nom de l artiste"),
    "composer": ("composer", "composers", "composed by", "author", "writer", "compositeur", "compositrice", "auteur", "auteur compositeur"),
    "publisher": ("publisher", "published by", "editeur", "edite par", "maison d edition"),
    "isrc": ("isrc", "isrc code", "code isrc"),
    "licensee": (
        "licensee", "licensee name", "licensed to", "license holder", "licence holder", "issued to", "customer", "client", "buyer",
        "granted to", "licencie", "licence accordee a", "accordee a", "delivre a", "delivree a", "titulaire", "acheteur", "beneficiaire",
        "titulaire de la licence",
    ),
    "certificate": (
        "certificate", "certificate no", "certificate number", "certificate id", "license no", "licence no", "license number",
        "licence number", "license id", "licence id", "license key", "licence key", "license", "licence", "reference", "order number", "order id",
        "numero de licence", "n de licence", "no de licence", "licence n", "licence numero", "certificat", "certificat n", "numero de certificat", "n de certificat",
        "identifiant de licence", "numero de commande",
    ),
    "starts_on": (
        "start", "start date", "starts", "starts on", "from", "valid from", "effective date", "license date", "licence date", "date of issue",
        "issue date", "issued on", "issued", "date of purchase", "purchase date", "purchased on", "begin", "begins",
        "debut", "date de debut", "valable a partir du", "a partir du", "a compter du", "date d emission", "date d achat", "date de la licence", "emise le", "achete le",
    ),
    "ends_on": (
        "end", "end date", "ends", "ends on", "until", "to", "valid until", "valid to", "valid through", "expires", "expires on", "expiry", "expiry date",
        "expiration", "expiration date", "fin", "date de fin", "valable jusqu au", "jusqu au", "expire le", "date d expiration", "echeance",
        "term", "duration of the license", "duration of the licence", "license term", "licence term", "duree", "duree de la licence",
    ),
    "territories": (
        "territory", "territories", "region", "regions", "territoire", "territoires", "zone", "zone geographique", "pays", "country", "countries",
    ),
    "platforms": (
        "platform", "platforms", "permitted platforms", "allowed platforms", "media", "channels of distribution", "distribution",
        "plateforme", "plateformes", "plates formes", "plateformes autorisees", "supports", "diffusion",
    ),
    "commercial": ("commercial", "commercial use", "use commercially", "usage commercial", "utilisation commerciale"),
    "project": ("project", "projects", "project name", "production", "projet", "projets", "nom du projet"),
    "price_usd": ("price", "price paid", "amount", "amount paid", "total", "total paid", "fee", "license fee", "licence fee", "prix", "montant", "prix paye", "tarif"),
    "attribution": ("attribution", "credit", "credits", "credit line", "required credit", "credit requis", "mention", "mention obligatoire", "mention requise"),
    "code": ("code", "youtube code", "clearance code", "clear code", "code youtube"),
}  # fmt: skip
"""Field to the labels it stands under; folded, letters and digits alone."""
FRENCH_ALONE = frozenset(
    {"titre", "morceau", "artiste", "licencie", "titulaire", "territoire", "territoires", "plateformes", "date de debut",
     "date de fin", "prix", "montant", "date d achat", "date d emission", "numero de licence", "n de licence", "usage commercial"}
)  # fmt: skip
_BY_LABEL = {label: name for name, labels in LABELS.items() for label in labels}

_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "youtube": ("youtube",), "instagram": ("instagram",), "tiktok": ("tiktok", "tik tok"),
    "podcast": ("podcast", "podcasts", "balado"),
    "web": ("web", "website", "websites", "site web", "sites web", "site internet", "internet", "online", "en ligne"),
    "broadcast": ("broadcast", "tv", "television", "radio", "radiodiffusion"),
}  # fmt: skip
_ALL = {
    "all",
    "any",
    "all platforms",
    "any platform",
    "all media",
    "toutes",
    "tous",
    "toutes plateformes",
    "toutes les plateformes",
    "tous supports",
}
_WORLD = {
    "world",
    "worldwide",
    "the world",
    "global",
    "universe",
    "monde",
    "monde entier",
    "le monde entier",
    "mondial",
    "mondiale",
    "dans le monde entier",
}
_EVER = {
    "perpetual", "in perpetuity", "perpetuity", "perpetually", "never", "unlimited", "no end", "no expiry", "none", "lifetime", "forever",
    "perpetuel", "perpetuelle", "a perpetuite", "illimite", "illimitee", "sans limite", "jamais", "sans fin",
}  # fmt: skip
_YES = {
    "yes",
    "y",
    "true",
    "allowed",
    "permitted",
    "included",
    "oui",
    "autorise",
    "autorisee",
    "permis",
    "inclus",
    "incluse",
}
_NO = {
    "no",
    "n",
    "false",
    "not allowed",
    "forbidden",
    "prohibited",
    "excluded",
    "non",
    "interdit",
    "interdite",
    "exclu",
    "exclue",
    "non commercial",
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan janvier janv", "february feb fevrier fevr fev", "march mar mars", "april apr avril avr", "may mai",
         "june jun juin", "july jul juillet juil", "august aug aout", "september sep sept septembre", "october oct octobre",
         "november nov novembre", "december dec decembre"), 1)
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_NUMBERS = re.compile(r"\b(\d{1,2})([-/.])(\d{1,2})\2(\d{4})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|er)?[ .-]+(?:of +)?([a-z]+)\.?,?[ -]+(\d{4})\b")
_MONTH_FIRST = re.compile(r"\b([a-z]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})\b")


class Unclear(ValueError):
    """It can be read in more than one way, or is in a form that is not read: a person decides."""


def key(label: str) -> str:
    return " ".join(re.sub(r"[^\w]|_", " ", folded(label)).split())


def field_of(label: str) -> str | None:
    return _BY_LABEL.get(key(label))


def days(text: str, *, french: bool = False) -> list[date]:
    """Every day that is named, in the order of the text. Unclear where one may be two days."""
    plain = folded(text)
    found: list[tuple[int, date]] = []
    for each in _ISO.finditer(plain):
        found.append((each.start(), _day(int(each[1]), int(each[2]), int(each[3]), each[0])))
    for each in _NUMBERS.finditer(plain):
        first, second, year = int(each[1]), int(each[3]), int(each[4])
        if french or each[2] == "." or first > 12:
            found.append((each.start(), _day(year, second, first, each[0])))
        elif second > 12 or first == second:
            found.append((each.start(), _day(year, first, second, each[0])))
        else:
            raise Unclear(f"{each[0]} may be two days, {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}")
    for each in _DAY_FIRST.finditer(plain):
        if each[2] in _MONTHS:
            found.append((each.start(), _day(int(each[3]), _MONTHS[each[2]], int(each[1]), each[0])))
    for each in _MONTH_FIRST.finditer(plain):
        if each[1] in _MONTHS:
            found.append((each.start(), _day(int(each[3]), _MONTHS[each[1]], int(each[2]), each[0])))
    return [day for _, day in sorted(found)]


def _day(year: int, month: int, day: int, said: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear(f"{said} is no day") from None


def for_ever(text: str) -> bool:
    return key(text) in _EVER


def platforms(text: str) -> tuple[str, ...]:
    """Empty: all of them. Unclear for words that name none."""
    if key(text) in _ALL:
        return ()
    found: list[str] = []
    for part in re.split(r"[,;/|+&]| and | et ", folded(text)):
        word = key(part)
        named = next((name for name, words in _PLATFORMS.items() if word in words), None)
        if word and named is None:
            raise Unclear(f"{part.strip()[:60]!r} is no platform the studio knows")
        if named and named not in found:
            found.append(named)
    if not found:
        raise Unclear("no platform is named")
    return tuple(found)


def territories(text: str) -> tuple[str, ...]:
    """Empty: the whole world."""
    if key(text) in _WORLD:
        return ()
    return tuple(part.strip()[:60] for part in re.split(r"[,;|]", text) if part.strip())


def yes_or_no(text: str) -> bool:
    word = key(text)
    if word in _YES or word in _NO:
        return word in _YES
    raise Unclear(f"{text.strip()[:60]!r} is neither yes nor no")


def dollars(text: str) -> Decimal:
    plain = text.strip()
    if re.search(r"€|£|¥|\b(?:EUR|GBP|CHF|CAD|AUD|JPY)\b", plain, re.IGNORECASE) or not re.search(
        r"\$|usd", plain, re.IGNORECASE
    ):
        raise Unclear(f"{plain[:40]!r} does not say that it is in US dollars")
    number = re.search(r"\d[\d  ., ]*", plain)
    digits = re.sub(r"\s", "", number[0]).rstrip(".,") if number else ""
    if re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d{1,6})?|\d+(\.\d{1,6})?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})*,\d{1,2}|\d+,\d{1,2}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    else:
        raise Unclear(f"{plain[:40]!r} is no price that can be read")
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise Unclear(f"{plain[:40]!r} is no price that can be read") from None
