"""What is noted beside trade, plainly: models, sites, lots, claims, affiliations, seals. See `slow_law`."""

from tests.properties.slow_book import prefix
from tests.properties.slow_people import COUNTRIES, is_hex, is_set, is_time


def faults_affiliation(book, said):
    parties = said.body["parties"]
    if len(parties) < 2 or not is_set(parties) or not is_hex(said.body["evidence_sha256"]):
        yield "bad_field"
    if any(party not in book.parties for party in parties):
        yield "unknown_reference"


def apply_affiliation(book, said):
    book.write("affiliations", said.id, verifier=said.party, parties=said.body["parties"])


def faults_claim(book, said):
    body = said.body
    if body["unit"] not in ("chips", "h100e") or body["measure"] not in ("installed", "acquired", "sold"):
        yield "bad_field"
    if not 0 <= body["low"] <= body["high"] or not is_hex(body["source_sha256"]):
        yield "bad_field"
    if not all(is_time(body.get(name, body["as_of"])) for name in ("as_of", "from")):
        yield "bad_field"
    if "model" in body and body["model"] not in book.models:
        yield "unknown_reference"


def apply_claim(book, said):
    body = said.body
    book.write("claims", said.id, analyst=said.party, low=body["low"], high=body["high"])


def faults_sealed(book, said):
    body = said.body
    if not 1 <= body["at_size"] <= book.index or body["count"] < 0 or not is_hex(body["root"]):
        yield "bad_field"


def apply_sealed(book, said):
    book.write("seals", said.id, at_size=said.body["at_size"], count=said.body["count"])


# -- models, sites, lots


def faults_model(book, said):
    model = said.body["model"]
    if prefix(model) != said.party:
        yield "bad_field"
    if model in book.models:
        yield "id_taken"


def apply_model(book, said):
    book.write("models", said.body["model"], vendor=said.body["vendor"])


def faults_site(book, said):
    body = said.body
    if prefix(body["site"]) != said.party or body["country"] not in COUNTRIES:
        yield "bad_field"
    if body["site"] in book.sites:
        yield "id_taken"


def apply_site(book, said):
    book.write("sites", said.body["site"], operator=said.party, country=said.body["country"])


def faults_lot(book, said):
    body = said.body
    counts = [body["wafers"], body["gross_units"], body["good_units"]]
    if prefix(body["lot"]) != said.party or min(counts) < 0 or body["good_units"] > body["gross_units"]:
        yield "bad_field"
    if body["for_party"] not in book.parties:
        yield "unknown_reference"
    if body["lot"] in book.lots:
        yield "id_taken"


def apply_lot(book, said):
    body = said.body
    fields = {"fab": said.party, "for_party": body["for_party"], "good": body["good_units"]}
    book.write("lots", body["lot"], **fields, lost=0, banked=0, other_product=0)


def faults_lot_used(book, said):
    body = said.body
    if body["outcome"] not in ("lost", "banked", "other_product") or body["count"] < 1:
        yield "bad_field"
    lot = book.lots.get(body["lot"])
    if lot is None or not {lot["fab"], lot["for_party"]} & book.acts_for(said.party):
        yield "unknown_reference"


def apply_lot_used(book, said):
    body = said.body
    sum_so_far = book.lots[body["lot"]][body["outcome"]]
    book.write("lots", body["lot"], **{body["outcome"]: sum_so_far + body["count"]})


RULES = {
    "affiliation.noted": (faults_affiliation, apply_affiliation),
    "claim.noted": (faults_claim, apply_claim),
    "book.sealed": (faults_sealed, apply_sealed),
    "model.listed": (faults_model, apply_model),
    "site.declared": (faults_site, apply_site),
    "lot.produced": (faults_lot, apply_lot),
    "lot.used": (faults_lot_used, apply_lot_used),
}
