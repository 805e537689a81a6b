"""A served ledger in which chips were made, shipped and received, each step by the command a person types."""

import json
from contextlib import contextmanager

from api.cli.demo_beacon import DemoBeaconSigner
from tests.cli.living_ledger import LivingLedger, enrol, say
from tests.cli.stage import OCCURRED, day, key_file

CHIPS = 300
BEACON = DemoBeaconSigner(20_261_121)
MODEL = (
    "model,vendor,memory_gb,memory_bandwidth_gbps,interconnect_gbps,bf16_tflops,tpp,dies,released\n"
    "h100,NVIDIA,80,3350,900,989.4,15824,1,2022-09-20\n"
)
BEACON_COLUMNS = "beacon,scheme,public_key,genesis,period_s,source"
SHIPMENT = (
    "shipment=s1",
    "to=north-dc",
    "country=NO",
    f"due_by={day(150)}",
    "title=passes_on_arrival",
)


@contextmanager
def trading_ledger(folder):
    """The ledger, until the end of the block; keys and files lie in `folder`."""
    ledger = LivingLedger(folder)
    ledger.start()
    try:
        for party, roles, country in (
            ("acme-semi", "maker", "US"),
            ("north-dc", "holder", "NO"),
            ("agency", "verifier", "AT"),
            ("lab", "analyst", "CH"),
        ):
            enrol(ledger, folder, party, roles, country)
        say(ledger, folder, "registry", "model.listed", MODEL)
        beacon = f"demo,{BEACON.scheme},{BEACON.public_key.hex()},{OCCURRED},1,a key of this test's own"
        say(ledger, folder, "registry", "beacon.listed", f"{BEACON_COLUMNS}\n{beacon}\n")
        say(ledger, folder, "acme-semi", "site.declared", "site,name,country\nfab,Fab,TW\n")
        say(ledger, folder, "north-dc", "site.declared", "site,name,country\nhall,Hall,NO\n")
        chips = [f"{number:06}" for number in range(1, CHIPS + 1)]
        made = "serial,model\n" + "".join(f"{chip},registry/h100\n" for chip in chips)
        say(ledger, folder, "acme-semi", "chips.registered", made, "site=acme-semi/fab")
        sent = "chip\n" + "".join(f"acme-semi:{chip}\n" for chip in chips[:200])
        say(ledger, folder, "acme-semi", "shipment.dispatched", sent, *SHIPMENT)
        came = "chip,condition\n" + "".join(f"acme-semi:{chip},received\n" for chip in chips[:150])
        arrival = ("shipment=acme-semi/s1", "site=north-dc/hall", "evidence=scanned")
        say(ledger, folder, "north-dc", "shipment.arrived", came, *arrival)
        yield ledger
    finally:
        ledger.stop()


def asking(world, party):
    """The options of a party that asks."""
    ledger, folder = world
    return ["--url", ledger.url, "--party", party, "--key", key_file(folder, party)]


def told(result):
    """The JSON that a command printed, which went well."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
