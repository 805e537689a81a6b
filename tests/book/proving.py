"""A world whose log trusts a test vendor, for tests of evidence and of class A."""

from tests.device.play import TestVendor
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_lives import MAKER, ROOTS, proving

DOORS = ("fold", "memory", "sqlite")
IK = {serial: MAKER.device(serial).ik_sha256 for serial in ("1", "2", "3", "4")}
STRANGER = TestVendor("stranger")


def stocked(door=FoldDoor, roots=ROOTS):
    """acme has S1 (device 1's key in the book), S2 and S3 without any; S4 (device 4's) is sent to oslo."""
    world = World(door).settles(device_roots=roots)
    told = [
        world.registers(
            "acme",
            {"chip": "acme:S1", "identity": {"ik_sha256": IK["1"]}},
            "acme:S2",
            "acme:S3",
            {"chip": "acme:S4", "identity": {"ik_sha256": IK["4"], "label": "L4"}},
        ),
        world.dispatches("acme", "acme/s1", "acme:S4", to="oslo"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def registration(world, **how):
    """acme:N1 is device 2."""
    draft = world.registration_draft("acme", "acme:N1", "acme:N2")
    return proving(draft, {"acme:N1": "2"}, **{"head": world.head(), **how})


def sighting(world, seen, serial, **how):
    """A verifier sees a chip and has it answer."""
    return proving(world.sighting_draft("watch", seen), {seen: serial}, **{"head": world.head(), **how})


def stocked_behind(door, folder):
    """The same behind a door by its name; `folder` is for a database."""
    return stocked({"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(folder)}[door])
