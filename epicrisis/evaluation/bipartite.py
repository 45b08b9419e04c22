"""Pairings between two sides: as many pairs as possible, of two ranks.

Left and right vertices are numbers from 0; `edges[left]` lists the right vertices that left may be paired with. What
comes back are numbers of pairs, and those do not depend on the order in which vertices or edges are listed.
"""

from collections.abc import Sequence

Edges = Sequence[Sequence[int]]
FREE = -1


def most_pairs(edges: Edges, right: int) -> int:
    """The size of a maximum matching; `right` is how many right vertices there are."""
    return _matched(_maximum(edges, right)[0])


def most_pairs_by_rank(first: Edges, second: Edges, right: int) -> tuple[int, int]:
    """Pairs of the first and of the second rank: as many first ones as possible, then as many second ones.

    No edge may be in both. Irving, Kavitha, Mehlhorn, Michail and Paluch (2006), "Rank-maximal matchings", section 3:
    an edge of the second rank can be used without losing one of the first exactly if both its ends are *even*, reached
    by an alternating path of even length from a vertex that the first rank leaves free.
    """
    to_right, to_left = _maximum(first, right)
    firsts = _matched(to_right)
    backwards: list[list[int]] = [[] for _ in range(right)]
    for left, rights in enumerate(first):
        for other in rights:
            backwards[other].append(left)
    even_left, odd_right = _reached(first, to_right, to_left)
    even_right, odd_left = _reached(backwards, to_left, to_right)
    both: list[list[int]] = []
    for left, rights in enumerate(first):
        if left in even_left:
            # every right neighbour of an even vertex is odd
            both.append([*rights, *(other for other in second[left] if other in even_right)])
        elif left in odd_left:
            both.append([other for other in rights if other in even_right])
        else:
            both.append([other for other in rights if other not in even_right and other not in odd_right])
    _extend(both, to_right, to_left)
    return firsts, _matched(to_right) - firsts


def _maximum(edges: Edges, right: int) -> tuple[list[int], list[int]]:
    to_right, to_left = [FREE] * len(edges), [FREE] * right
    _extend(edges, to_right, to_left)
    return to_right, to_left


def _matched(partners: Sequence[int]) -> int:
    return sum(partner != FREE for partner in partners)


def _extend(edges: Edges, to_right: list[int], to_left: list[int]) -> None:
    """Make the matching maximum, by a breadth-first search for an augmenting path from every free left vertex.

    What a search without success has seen can be on no later augmenting path, so all of those together see every edge
    once.
    """
    dead: set[int] = set()
    for root in range(len(edges)):
        if to_right[root] != FREE:
            continue
        came_from: dict[int, int] = {}
        end = _free_end(edges, root, to_left, came_from, dead)
        if end == FREE:
            dead.update(came_from)
        while end != FREE:
            left = came_from[end]
            to_left[end] = left
            to_right[left], end = end, to_right[left]


def _free_end(edges: Edges, root: int, to_left: list[int], came_from: dict[int, int], dead: set[int]) -> int:
    queue = [root]
    for left in queue:
        for right in edges[left]:
            if right in came_from or right in dead:
                continue
            came_from[right] = left
            if to_left[right] == FREE:
                return right
            queue.append(to_left[right])
    return FREE


def _reached(edges: Edges, partner: Sequence[int], partner_back: Sequence[int]) -> tuple[set[int], set[int]]:
    """By alternating paths from the free vertices of this side: those at an even, and at an odd distance."""
    queue = [vertex for vertex, other in enumerate(partner) if other == FREE]
    even, odd = set(queue), set()
    for vertex in queue:
        for other in edges[vertex]:
            if other not in odd:
                odd.add(other)
                back = partner_back[other]
                if back not in even:
                    even.add(back)
                    queue.append(back)
    return even, odd
