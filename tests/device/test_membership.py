"""Signed names tell which devices stand together, and where the book has them elsewhere."""

import pytest

from ledger.device.evidence import Examined, Kind
from ledger.device.membership import Disagreement, Misfit, boards, disagreements
from ledger.device.vendors import examine, examine_all
from tests.device import published
from tests.device.play import TestVendor

MAKER = TestVendor("boards")


def board(name, gpus=4, switches=2):
    """A baseboard's devices, all naming one another: (GPUs, switches)."""
    plain_gpus = [MAKER.device(f"{name}-g{number}") for number in range(gpus)]
    plain_switches = [MAKER.device(f"{name}-s{number}", kind=Kind.SWITCH) for number in range(switches)]
    return (
        [MAKER.device(one.serial, neighbours=[s.pdi for s in plain_switches]) for one in plain_gpus],
        [
            MAKER.device(one.serial, kind=Kind.SWITCH, neighbours=[g.pdi for g in plain_gpus])
            for one in plain_switches
        ],
    )


def reports(*devices):
    found = examine_all([one.answer(bytes(32)) for one in devices])
    assert all(isinstance(one, Examined) for one in found)
    return found


def systems(**groups):
    return {device.pdi: system for system, devices in groups.items() for device in devices}


A_GPUS, A_SWITCHES = board("a")
B_GPUS, B_SWITCHES = board("b")
ALL = reports(*A_GPUS, *A_SWITCHES, *B_GPUS, *B_SWITCHES)
TRUE = systems(a=[*A_GPUS, *A_SWITCHES], b=[*B_GPUS, *B_SWITCHES])


def test_devices_that_name_one_another_are_a_board():
    assert {len(one) for one in boards(ALL)} == {6}
    assert set(boards(ALL)) == {
        frozenset(one.pdi for one in devices) for devices in ((*A_GPUS, *A_SWITCHES), (*B_GPUS, *B_SWITCHES))
    }
    assert boards(reports(*A_GPUS)) == ()


def test_a_true_book_has_no_disagreement():
    """Negative control for every misfit below."""
    assert disagreements(ALL, TRUE) == ()
    assert disagreements(ALL, systems(a=A_GPUS, b=B_GPUS)) == ()
    assert disagreements(reports(*A_GPUS), systems(a=A_GPUS)) == ()
    assert disagreements([], TRUE) == ()


def test_a_gpu_the_book_has_in_another_system_is_found():
    moved = A_GPUS[0].pdi
    found = disagreements(ALL, TRUE | {moved: "b"})
    assert {one.misfit for one in found} == {Misfit.TWO_SYSTEMS, Misfit.NO_COMMON_BOARD}
    assert all(moved in (one.device, one.other) for one in found if one.misfit is Misfit.NO_COMMON_BOARD)


def test_it_is_found_without_the_switches_too():
    book = systems(a=[*A_GPUS, B_GPUS[0]])
    found = disagreements(reports(*A_GPUS, B_GPUS[0]), book)
    assert {one.misfit for one in found} == {Misfit.NO_COMMON_BOARD}


def test_a_gpu_that_switches_name_and_the_book_does_not_know_is_found():
    hidden = A_GPUS[2].pdi
    found = disagreements(ALL, {pdi: system for pdi, system in TRUE.items() if pdi != hidden})
    assert {(one.misfit, one.other) for one in found} == {(Misfit.STRANGER, hidden)}
    assert {one.device for one in found} == {one.pdi for one in A_SWITCHES}


def test_a_name_not_given_back_is_found_unless_the_other_names_nobody():
    liar = MAKER.device("liar", neighbours=[A_SWITCHES[0].pdi])
    expected = Disagreement(Misfit.NOT_NAMED_BACK, liar.pdi, A_SWITCHES[0].pdi)
    assert disagreements(reports(liar, *A_GPUS, *A_SWITCHES), TRUE) == (expected,)
    silent = MAKER.device(A_GPUS[0].serial)
    assert disagreements(reports(silent, *A_GPUS[1:], *A_SWITCHES), TRUE) == ()


def test_devices_joined_through_others_are_one_board():
    """A chain of wires: two GPUs without a switch in common, joined by a third."""
    left, right = MAKER.device("l"), MAKER.device("r")
    ends = [MAKER.device(one.serial, neighbours=[pdi]) for one, pdi in ((left, "11" * 8), (right, "22" * 8))]
    middle = MAKER.device("m", neighbours=["11" * 8, "22" * 8])
    book = systems(a=[left, right, middle])
    assert disagreements(reports(*ends, middle), book) == ()
    assert [one.misfit for one in disagreements(reports(*ends), book)] == [Misfit.NO_COMMON_BOARD]


def published_board():
    found = [examine(path.read_bytes()) for path in published.files("evidence")]
    return [one for one in found if isinstance(one, Examined)]


def test_published_captures_show_one_confirmed_board():
    """Five GPUs and two switches confirm each other; the other hosts' peers were not captured."""
    assert [len(one) for one in boards(published_board())] == [7]
    (together,) = boards(published_board())
    kinds = {one.pdi: one.kind for one in published_board()}
    assert sorted(kinds[pdi].value for pdi in together) == ["gpu"] * 5 + ["switch"] * 2


@pytest.mark.parametrize("spoil", [False, True])
def test_published_captures_are_compared_with_a_book(spoil):
    (together,) = boards(published_board())
    examined = [one for one in published_board() if one.pdi in together]
    named = {peer for one in examined if one.kind is Kind.SWITCH for peer in one.neighbours}
    book = dict.fromkeys(sorted(together | named), "host-1")
    if spoil:
        book[min(together)] = "host-2"
    assert bool(disagreements(examined, book)) == spoil
