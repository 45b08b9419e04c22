import random
import time

from epicrisis.evaluation.bipartite import most_pairs, most_pairs_by_rank


def by_hand(ranks: dict[tuple[int, int], int], left: int, right: int) -> tuple[int, int]:
    """The best (pairs of rank 1, pairs of rank 2) of every pairing there is."""
    best = (0, 0)

    def search(number: int, used: frozenset[int], so_far: tuple[int, int]) -> None:
        nonlocal best
        if number == left:
            best = max(best, so_far)
            return
        search(number + 1, used, so_far)
        for other in range(right):
            rank = ranks.get((number, other))
            if rank and other not in used:
                search(number + 1, used | {other}, (so_far[0] + (rank == 1), so_far[1] + (rank == 2)))

    search(0, frozenset(), (0, 0))
    return best


def test_agrees_with_every_pairing_tried_by_hand() -> None:
    generator = random.Random(1)
    for _ in range(1500):
        left, right = generator.randint(0, 5), generator.randint(0, 5)
        density = generator.random()
        ranks = {
            (a, b): generator.choice((1, 2)) for a in range(left) for b in range(right) if generator.random() < density
        }
        edges = {rank: [[b for b in range(right) if ranks.get((a, b)) == rank] for a in range(left)] for rank in (1, 2)}
        together = [[b for b in range(right) if (a, b) in ranks] for a in range(left)]
        assert most_pairs_by_rank(edges[1], edges[2], right) == by_hand(ranks, left, right)
        assert most_pairs(together, right) == by_hand(dict.fromkeys(ranks, 1), left, right)[0]


def test_a_second_rank_pair_never_costs_one_of_the_first() -> None:
    # 0 and 1 both want right 0 by the first rank; only one can go elsewhere by the second
    assert most_pairs_by_rank([[0], [0]], [[1], []], 2) == (1, 1)
    assert most_pairs_by_rank([[0], []], [[], [0]], 1) == (1, 0)


def test_a_long_chain_and_a_dense_table_take_seconds_at_most() -> None:
    size = 20_000
    chain = [[number - 1, number] if number else [0] for number in range(size)]
    begin = time.perf_counter()
    assert most_pairs(chain, size) == size
    assert most_pairs([list(range(300)) for _ in range(2000)], 300) == 300
    assert time.perf_counter() - begin < 10
