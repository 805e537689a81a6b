"""Which of our names does an identifier of somebody else's mean?

From a mapping file (TOML) that a person writes once, and from addresses under the log's own name, which need
no file and are read back as they were written. Promises: what nothing names is `Unreadable`, never guessed.
"""

import re
import tomllib
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from ledger.book.identifiers import is_chip, is_named
from signing.canonical import Unreadable

CHIP, DIE, WAFER, CONTAINER, PLACE = "chip", "die", "wafer", "container", "place"
CONTAINERS_BY_KIND = ("sscc", "giai", "grai")  # GS1 keys that name something that holds others
DUE_DAYS_DEFAULT = 30
URN = re.compile(r"urn:epc:id:([a-z0-9]+):([^.]+)\.(.*)")


class ClassRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"what": "is"}):
    """What the things of a class are; `serial` full: with the class's own name, or bare."""

    what: str
    maker: str | None = None
    model: str | None = None
    for_party: str | None = None
    serial: str = "full"


class PlaceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place: who speaks there, our site, its country."""

    party: str
    site: str
    country: str | None = None


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What documents do not say."""

    due_days: int = DUE_DAYS_DEFAULT


class _MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    places: dict[str, PlaceRule] = {}
    parties: dict[str, str] = {}
    classes: dict[str, ClassRule] = {}
    models: dict[str, str] = {}
    defaults: Defaults = Defaults()


@dataclass(frozen=True, slots=True)
class Thing:
    """What an identifier stands for: a chip by our id, a die, a wafer or a container by its own name."""

    what: str
    name: str
    rule: ClassRule


@dataclass(frozen=True, slots=True)
class Mapping:
    """Their identifiers to our names."""

    origin: str
    places: Dict[str, PlaceRule] = field(default_factory=dict)
    parties: Dict[str, str] = field(default_factory=dict)
    classes: Dict[str, ClassRule] = field(default_factory=dict)
    models: Dict[str, str] = field(default_factory=dict)
    due_days: int = DUE_DAYS_DEFAULT

    def place(self, uri: str, where: str = "bizLocation") -> PlaceRule:
        """The place an identifier means."""
        rule = self.places.get(uri)
        if rule is not None:
            return rule
        named = self._native(uri, "site")
        if named is None:
            raise Unreadable(where, f"{uri or 'nothing'} is no place of the mapping")
        return PlaceRule(named.partition("/")[0], named)

    def party(self, uri: str, where: str) -> str:
        """The party an identifier means: a party's, or a place's."""
        told = self.parties.get(uri) or self._native(uri, "party")
        return told if told is not None else self.place(uri, where).party

    def model(self, text: str) -> str:
        """Our model for a name of theirs; a `<party>/<name>` stands for itself."""
        told = self.models.get(text, text)
        if not is_named(told):
            raise Unreadable("modelId", f"{text[:80]!r} is no model of the mapping")
        return told

    def thing(self, uri: str, where: str) -> Thing:
        """What an identifier of an object means."""
        chip = self._native(uri, "chip")
        if chip is not None:
            return self._chip(chip.replace("/", ":", 1), ClassRule(CHIP), where)
        system = self._native(uri, "system")
        if system is not None:
            return Thing(CONTAINER, system.split("/", 2)[2], ClassRule(CONTAINER))
        rule = self.classes.get(uri)
        cut = len(uri)
        while rule is None and cut > 0:
            cut = max(uri.rfind(mark, 0, cut) for mark in "./:")
            rule = None if cut < 0 else self.classes.get(uri[:cut])
        found = URN.fullmatch(uri)
        if rule is None and found is not None and found[1] in CONTAINERS_BY_KIND:
            rule = ClassRule(CONTAINER)
        if rule is None:
            raise Unreadable(where, f"{uri} is of no class of the mapping")
        full = unquote(found[3] if found is not None else uri[uri.rfind("/") + 1 :])
        name = full if rule.serial == "full" else full[full.rfind(".") + 1 :]
        if rule.what == CHIP:
            return self._chip(f"{rule.maker}:{name}", rule, where)
        return Thing(rule.what, name, rule)

    def lot(self, uri: str, where: str) -> str:
        """The lot that a class of quantities names."""
        named = self._native(uri, "lot")
        if named is None:
            raise Unreadable(where, f"{uri} is no lot: quantities of other things are not counted here")
        return named

    def shipment(self, uri: str) -> str | None:
        """A shipment that is named in full; None for somebody's paper."""
        return self._native(uri, "shipment")

    def uri(self, kind: str, name: str) -> str:
        """The address under the log's own name, which `place`, `party`, `thing` and `lot` read back."""
        return f"https://{self.origin}/{kind}/{quote(name, safe='/')}"

    def _native(self, uri: str, kind: str) -> str | None:
        start = f"https://{self.origin}/{kind}/"
        return unquote(uri.removeprefix(start)) if uri.startswith(start) else None

    def _chip(self, chip: str, rule: ClassRule, where: str) -> Thing:
        if not is_chip(chip):
            raise Unreadable(where, f"{chip[:80]!r} is no <maker>:<serial> (A-Z, 0-9, . _ -)")
        return Thing(CHIP, chip, rule)


def read_mapping(path: Path | None, origin: str) -> Mapping:
    """The mapping of a file; without one, only addresses under the log's own name mean something."""
    if path is None:
        return Mapping(origin)
    try:
        told: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        read = msgspec.convert(told, _MappingFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as fault:
        raise Unreadable(str(path), str(fault)) from None
    for name, rule in read.classes.items():
        if rule.what not in (CHIP, DIE, WAFER, CONTAINER):
            raise Unreadable(str(path), f"classes.{name}: is is chip, die, wafer or container")
        if rule.what == CHIP and rule.maker is None:
            raise Unreadable(str(path), f"classes.{name}: a chip has a maker")
        if rule.serial not in ("full", "bare"):
            raise Unreadable(str(path), f"classes.{name}: serial is full or bare")
    return Mapping(origin, read.places, read.parties, read.classes, read.models, read.defaults.due_days)
