from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Span
from epicrisis.text import covering

CUTS = st.lists(st.integers(0, 20), max_size=10, unique=True).map(sorted)
TOKENS = CUTS.map(lambda cuts: list(zip(cuts[::2], cuts[1::2], strict=False)))
SPAN = st.tuples(st.integers(0, 20), st.integers(1, 5)).map(lambda s: (s[0], s[0] + s[1]))


@given(TOKENS, SPAN)
def test_a_span_is_covered_by_every_token_that_it_shares_a_character_with(tokens: list[Span], span: Span) -> None:
    touched = [n for n, (start, end) in enumerate(tokens) if set(range(start, end)) & set(range(*span))]
    assert covering(tokens, span) == ((touched[0], touched[-1] + 1) if touched else None)


def test_a_span_inside_one_token_is_covered_by_it() -> None:
    assert covering([(0, 4), (5, 12), (13, 14)], (7, 9)) == (1, 2)


def test_a_span_of_white_space_is_covered_by_nothing() -> None:
    assert covering([(0, 4), (5, 12)], (4, 5)) is None
