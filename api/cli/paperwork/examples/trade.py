"""What do files about trade look like: shipments, arrivals, titles, disagreements?

Examples that could be real; a test signs every one of them.
"""

from api.cli.paperwork.examples.template import Template

TRADE: dict[str, Template] = {
    "shipment.dispatched": Template(
        "a custodian sends chips; a row is a chip",
        "chip\nacme-semi:1654223000017\nacme-semi:1654223000018\n",
        (
            "--set shipment=PO-4711",
            "--set to=north-dc",
            "--set country=NO",
            "--set due_by=2026-12-15",
            "--set title=passes_on_arrival",
        ),
        "title is kept or passes_on_arrival; --set licence=… and --set end_user=… go on record with it.",
    ),
    "shipment.arrived": Template(
        "a receiver says what came, in what condition; a row is a chip",
        "chip,condition\nacme-semi:1654223000017,received\nacme-semi:1654223000018,damaged\n",
        ("--set shipment=acme-semi/PO-4711", "--set site=north-dc/warehouse", "--set evidence=scanned"),
        "sealed cartons need no file: --set evidence=as_dispatched --out NAME. "
        "Conditions: received, damaged, refused, absent. From a scanner's list: chipledger receive.",
    ),
    "shipment.cancelled": Template(
        "a sender calls back what has not arrived; a row is a chip",
        "chip\nacme-semi:1654223000018\n",
        ("--set shipment=PO-4711", '--set "reason=picked by mistake"'),
        "without a file all that has not arrived is called back: --out NAME in place of FILE.",
    ),
    "title.offered": Template(
        "an owner offers the title of chips; a row is a chip",
        "chip\nacme-semi:1654223000017\nacme-semi:1654223000018\n",
        ("--set transfer=SALE-9", "--set to=north-dc"),
    ),
    "title.accepted": Template(
        "the party that was offered a title takes it; a row is a statement",
        "transfer\nacme-semi/SALE-9\n",
        hint="one offer needs no file: --set transfer=acme-semi/SALE-9 --out NAME.",
    ),
    "title.withdrawn": Template(
        "an owner takes an offer back; a row is a statement",
        "transfer\nSALE-9\n",
        hint="one offer needs no file: --set transfer=SALE-9 --out NAME.",
    ),
    "discrepancy.answered": Template(
        "a side of a discrepancy answers; a row is a chip that the answer is about",
        "chip\nacme-semi:1654223000018\n",
        ("--set discrepancy=1042.0", '--set "text=found on our dock"', "--set concedes=true"),
        "without a file the answer is about all chips: --out NAME in place of FILE. concedes: true, false.",
    ),
    "discrepancy.resolved": Template(
        "a verifier or registrar decides a discrepancy; a row is a statement",
        "discrepancy,outcome,new_chip\n1042.0,book_stands,\n1042.1,second_chip,north-dc:TAG-0042\n",
        hint="outcome is book_stands, observation_stands, or second_chip, which names the new_chip.",
    ),
    "statement.corrected": Template(
        "a party takes back statements of its own; a row is a statement",
        "corrects,reason\n"
        "5be8b10720f4c401a7fd220efa5493c4052a83c1924e8ede014006f2050f0fe3,wrong tray scanned\n",
        hint="corrects is the id of the statement, as its receipt has it.",
    ),
}
