"""Who plays in the demo, and from where?

Holders, their sites and chip counts are carried over from a public cluster list (`api/cli/figures`); what
they do here is invented. Everybody who misbehaves is made up: `boardworks`, an ODM, and `eurodist`, a
distributor. Knows no key, clock or server.
"""

from dataclasses import dataclass

from api.cli.figures.reader import ClusterFigures, clusters, models

ORIGIN = "demo.chipledger.example/log"
REGISTRAR = "registrar"
NVIDIA, AMD = "nvidia", "amd"
ODM = "boardworks"
DISTRIBUTOR = "eurodist"
VERIFIER = "inspectorate"
ANALYST = "analyst"
PROVER = "nexgen-cloud"
BEACON = f"{REGISTRAR}/demo-beacon"


@dataclass(frozen=True, slots=True)
class Role:
    """One party of the demo and the sites it declares: (name, title, country, power in kW or None)."""

    party: str
    name: str
    roles: tuple[str, ...]
    country: str
    sites: tuple[tuple[str, str, str, int | None], ...] = ()


def cast() -> list[Role]:
    """Everybody but the registrar, who opens the log."""
    return [
        Role(NVIDIA, "NVIDIA", ("maker",), "US", (("packaging", "Packaging plant", "TW", None),)),
        Role(AMD, "AMD", ("maker",), "US", (("packaging", "Packaging plant", "TW", None),)),
        Role(ODM, "Boardworks (made up)", ("holder",), "MX", (("plant", "Board plant", "MX", None),)),
        Role(
            DISTRIBUTOR,
            "Eurodist (made up)",
            ("holder",),
            "NL",
            (("rotterdam", "Rotterdam warehouse", "NL", None), ("jebel-ali", "Free zone store", "AE", None)),
        ),
        *_holders(),
        Role(VERIFIER, "Inspectorate (made up)", ("verifier",), "AT"),
        Role(ANALYST, "Analyst (made up)", ("analyst",), "CH"),
    ]


def _holders() -> list[Role]:
    """The five holders of the figures, each with its sites."""
    by_holder: dict[str, list[ClusterFigures]] = {}
    for cluster in clusters():
        by_holder.setdefault(cluster.holder, []).append(cluster)
    return [
        Role(
            holder,
            sites[0].holder_name,
            ("holder",),
            sites[0].country,
            tuple((site.site, site.site_name, site.country, site.power_kw) for site in sites),
        )
        for holder, sites in by_holder.items()
    ]


def model_bodies() -> list[dict[str, object]]:
    """The bodies of `model.listed`, one a model of the figures."""
    bodies = []
    for model in models():
        body: dict[str, object] = {
            "model": f"{REGISTRAR}/{model.name}",
            "vendor": model.vendor,
            "part_numbers": list(model.part_numbers),
            "memory_gb": model.memory_gb,
            "memory_bandwidth_gbps": model.memory_bandwidth_gbps,
            "interconnect_gbps": model.interconnect_gbps,
            "gflops": dict(model.gflops),
            "tpp": model.tpp,
            "dies": model.dies,
            "released": model.released,
            "die_area_um2": model.die_area_um2,
            "hbm_stacks": model.hbm_stacks,
        }
        bodies.append({name: value for name, value in body.items() if value is not None})
    return bodies
