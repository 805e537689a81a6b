"""What is said before any chip moves: who takes part, which models and beacon there are, which sites.

The beacon is drand's scheme with a key of the demo's own, and its listing says so: whoever holds that key
could know every round in advance, so it proves nothing to anybody else.
"""

from api.cli.demo.backstage import Backstage
from api.cli.demo.cast import BEACON, ORIGIN, REGISTRAR, cast, model_bodies
from api.cli.demo.scenario import Act, Scenario
from api.cli.demo_beacon import DemoBeaconSigner
from api.cli.paperwork.signing_desk import proven_key
from signing.signer import SeedSigner, new_seed, read_key_file, write_key_file

ENROL, SITES = "enrol", "sites"
BEACON_PERIOD_S = 1
BEACON_SOURCE = (
    "A demo's own key in drand's scheme: no public randomness, whoever holds the key knows every round"
)


def make_keys(backstage: Backstage) -> None:
    """A key file for everybody, unencrypted: the demo's folder is thrown away."""
    for party in (REGISTRAR, *(role.party for role in cast())):
        write_key_file(backstage.key(party), new_seed(), None)


def open_stages(backstage: Backstage, scenario: Scenario, beacon: DemoBeaconSigner, genesis: str) -> None:
    """Add the two stages that come before everything else."""
    for role in cast():
        signer: SeedSigner = read_key_file(backstage.key(role.party), None)
        body = {
            "party": role.party,
            "name": role.name,
            "roles": sorted(role.roles),
            "country": role.country,
            "keys": [proven_key(signer, ORIGIN, role.party)],
        }
        scenario.say(ENROL, Act(REGISTRAR, "party.enrolled", -300, body))
        for name, title, country, power_kw in role.sites:
            site: dict[str, object] = {"site": f"{role.party}/{name}", "name": title, "country": country}
            if power_kw is not None:
                site["power_kw"] = power_kw
            scenario.say(SITES, Act(role.party, "site.declared", -290, site))
    for model in model_bodies():
        scenario.say(ENROL, Act(REGISTRAR, "model.listed", -300, model))
    listing = {
        "beacon": BEACON,
        "scheme": beacon.scheme,
        "public_key": beacon.public_key.hex(),
        "genesis": genesis,
        "period_s": BEACON_PERIOD_S,
        "source": BEACON_SOURCE,
    }
    scenario.say(ENROL, Act(REGISTRAR, "beacon.listed", -300, listing))
