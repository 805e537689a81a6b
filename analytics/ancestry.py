"""Who is above whom, as registered, and as suspected?

Registered: the parent, its parent, and so on, as the registrar wrote them. Suspected: parties that links of
either sort connect, parents or `affiliation.noted`, are one family, and each is put under its head: of those
without a parent the one enrolled first. So a family has one head on either basis, which need not be its
master: on suspicion alone nobody knows who that is.

Parents in a ring have no end; the party of the ring that was enrolled first is then taken as its end.
Succession is no parentage. Knows no log and no database; what changes is told for the families concerned
alone, so that a world of thousands costs no more than its families.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

REGISTERED = "registered"
SUSPECTED = "suspected"


class Above(NamedTuple):
    """That one party stands above another."""

    party: str
    ancestor: str
    basis: str


class Rank(NamedTuple):
    """`depth`: links between the two, at least 1. `is_ultimate`: nobody stands above the ancestor."""

    depth: int
    is_ultimate: bool


class Families:
    """All parties with their links, as they stand. Parties are in the order of their enrolment."""

    def __init__(self, parents: Mapping[str, str | None], suspected: Iterable[Iterable[str]]) -> None:
        self._place = {party: place for place, party in enumerate(parents)}
        self._parent: dict[str, str | None] = dict(parents)
        self._children: dict[str, set[str]] = defaultdict(set)
        self._suspects: dict[str, set[str]] = defaultdict(set)
        for party, parent in parents.items():
            if parent is not None:
                self._children[parent].add(party)
        for group in suspected:
            self._link(tuple(group))

    def place(self, party: str, parent: str | None) -> dict[Above, Rank | None]:
        """A party is enrolled, or gets another parent: what holds now in its families, None what no more."""
        if party in self._parent and self._parent[party] == parent:
            return {}
        before = self._standing_about(party, *([parent] if parent else []))
        old = self._parent.get(party)
        self._place.setdefault(party, len(self._place))
        self._parent[party] = parent
        if old is not None:
            self._children[old].discard(party)
        if parent is not None:
            self._children[parent].add(party)
        return _changes(before, self._standing_about(party, *([old] if old else [])))

    def suspect(self, group: Iterable[str]) -> dict[Above, Rank | None]:
        """These parties are said to belong together: what holds now of them, None what no more."""
        parties = tuple(group)
        before = self._standing_about(*parties)
        self._link(parties)
        return _changes(before, self._standing_about(*parties))

    def standing(self) -> dict[Above, Rank]:
        """All that holds."""
        return self._standing_about(*self._parent)

    def _link(self, parties: tuple[str, ...]) -> None:
        for party in parties:
            self._suspects[party].update(other for other in parties if other != party)

    def _standing_about(self, *parties: str) -> dict[Above, Rank]:
        """All that holds in the families of these parties; nothing of one that is not enrolled yet."""
        found: dict[Above, Rank] = {}
        seen: set[str] = set()
        for party in parties:
            if party in seen or party not in self._parent:
                continue
            family = self._connected(party)
            seen |= family.keys()
            found.update(self._registered(family))
            head = min((one for one in family if self._above(one) is None), key=self._place.__getitem__)
            for member, depth in self._connected(head).items():
                if member != head:
                    found[Above(member, head, SUSPECTED)] = Rank(depth, is_ultimate=True)
        return found

    def _registered(self, family: Iterable[str]) -> Iterator[tuple[Above, Rank]]:
        for party in family:
            ancestor, depth = self._above(party), 1
            while ancestor is not None:
                above = self._above(ancestor)
                yield Above(party, ancestor, REGISTERED), Rank(depth, is_ultimate=above is None)
                ancestor, depth = above, depth + 1

    def _above(self, party: str) -> str | None:
        """The parent, but of a ring's first party."""
        parent = self._parent[party]
        ring, above = {party}, parent
        while above is not None and above not in ring:
            ring.add(above)
            above = self._parent[above]
        if above != party:  # no ring, or one that the party is not part of
            return parent
        return None if party == min(ring, key=self._place.__getitem__) else parent

    def _connected(self, first: str) -> dict[str, int]:
        """Everybody whom links of any sort connect with a party, by how many at least."""
        depth = {first: 0}
        queue = deque([first])
        while queue:
            party = queue.popleft()
            above = self._above(party)
            below = (child for child in self._children[party] if self._above(child) == party)
            for other in (*([above] if above is not None else []), *below, *self._suspects[party]):
                if other not in depth:
                    depth[other] = depth[party] + 1
                    queue.append(other)
        return depth


def _changes(before: Mapping[Above, Rank], after: Mapping[Above, Rank]) -> dict[Above, Rank | None]:
    """What is new or otherwise than before, and what is no more."""
    told: dict[Above, Rank | None] = {above: None for above in before if above not in after}
    told.update((above, rank) for above, rank in after.items() if before.get(above) != rank)
    return told
