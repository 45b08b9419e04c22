"""Scopes of triggers in one sentence: which of its entities each of them speaks of.

A trigger, its first token and the token behind its last make a hit; hits, entities and the marks between them are the
events of a sentence, and two sweeps go over them, as `assertion` tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from epicrisis.document import Span
from epicrisis.rules.triggers import FAR, Trigger

CERTAINTY, WHOSE, WHEN, IF = range(4)
QUESTION = {
    "negated": CERTAINTY,
    "uncertain": CERTAINTY,
    "present": CERTAINTY,
    "family": WHOSE,
    "historical": WHEN,
    "hypothetical": IF,
}
CLOSED_BY_CLAUSE = (CERTAINTY, WHEN)
SHORT = 6
"""Where a list is closed by what is no bare item: tokens of an item in which no entity was found."""
COLONS, COMMAS, ENDS = frozenset(":："), frozenset(",，"), frozenset(".!?。！？")

Hit = tuple[int, int, Trigger]
Answer = tuple[tuple[int, int, int], str, tuple[int, int]]
"""How far (commas, rank, tokens), the value, the tokens of the trigger."""


@dataclass(slots=True)
class Mention:
    """An entity by its tokens, and what was answered of it by triggers before and behind it, by question."""

    number: int
    first: int
    after: int
    before: dict[int, Answer]
    behind: dict[int, Answer]

    def answers(self) -> dict[int, Answer]:
        found = self.before | self.behind
        for question in self.before.keys() & self.behind.keys():
            before, behind = self.before[question], self.behind[question]
            overruled = (before[1], behind[1]) == ("uncertain", "negated")  # a suspicion that was ruled out
            found[question] = behind if overruled or behind[0] < before[0] else before
        return found


@dataclass(slots=True)
class _Scope:
    trigger: Trigger
    first: int
    after: int
    commas: int
    listed: bool
    """A colon stands between the trigger and what it speaks of: all of the list, whatever its commas."""
    joined: bool = False
    """Looking back: "and" or "or" was passed, so that commas are those of a list."""
    met: bool = False
    """Looking forward: an entity stood in it."""
    parted: bool = False
    """Looking forward: a comma was passed, so that a list of three is no surprise."""


class Sentence:
    """One sentence: its events in order, and the two sweeps over them.

    breaks   by event: a comma or conjunction behind which a clause of its own begins
    claims   by event: a comma behind which an item with a predicate stands: a clause, unless the list is longer
    joined   by event: a comma behind which "or" joins items
    started  by event: a comma or conjunction before which a clause stands
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        mentions: list[Mention],
        end: int,
        words: Sequence[str],
        spans: Sequence[Span],
        text: str,
        closed: bool,
    ) -> None:
        mentions.sort(key=lambda mention: (mention.first, -mention.after))
        hits = _outside(hits, mentions, spans, text, closed)
        events: list[tuple[int, int, Trigger | Mention]] = [*hits, *((m.first, m.after, m) for m in mentions)]
        events.sort(key=lambda event: (event[0], isinstance(event[2], Mention)))
        self.events = events
        self.words = words
        while end and words[end - 1] in ENDS:
            end -= 1
        self.end = end
        self.breaks = [False] * len(events)
        self.claims = [False] * len(events)
        self.joined = [False] * len(events)
        self.started = [False] * len(events)
        self._see_what_follows(closed)
        self._see_clauses(closed)

    def answer(self) -> None:
        self._forward()
        self._backward()

    def _see_clauses(self, closed: bool) -> None:
        """From the left: what each comma stands behind."""
        clause = said = False
        depth = 0
        for place, (_, _, event) in enumerate(self.events):
            if isinstance(event, Mention):
                continue
            if event.kind in ("clause", "stop"):
                clause = True
            elif event.kind in ("tail", "predicate"):
                said = said or not (closed or depth)
            elif event.kind == "mark" and event.direction in ("comma", "and", "semicolon", "colon"):
                self.started[place] = clause
                self.breaks[place] |= said and event.direction == "comma"
                clause = said = False
            elif event.kind == "mark":
                depth += (event.direction == "open") - (event.direction == "close")

    def _see_what_follows(self, closed: bool) -> None:
        """From the right: what each comma is followed by, and which way a trigger looks that may look either way."""
        clause = item = predicate = joined = False
        depth, tail, end = 0, 0, self.end
        last: int | None = None
        for place in range(len(self.events) - 1, -1, -1):
            first, after, event = self.events[place]
            if isinstance(event, Mention):
                item = True
                if last is None:
                    last = end - after - tail
                continue
            kind, which = event.kind, event.direction
            if kind == "mark":
                if which in ("open", "close"):
                    depth += 1 if which == "close" else -1
                    item = False
                elif which == "or":
                    tail += after - first
                    predicate, joined = False, joined or self.words[first] != "/"
                elif which == "colon":
                    clause, item, predicate, joined = True, False, False, False
                    tail, end, last = 0, first, None
                else:
                    behind = end - after - tail
                    bare = last <= 0 if last is not None else behind <= SHORT
                    self.breaks[place] = clause or (closed and not bare)
                    self.claims[place] = predicate and item and which == "comma"
                    joined = joined and which != "semicolon" and not self.breaks[place]
                    self.joined[place] = joined
                    clause = item = predicate = False
                    tail, end, last = 0, first, None
            elif kind == "clause":
                clause = clause or depth <= 0
            elif kind in ("tail", "predicate"):
                tail += after - first
                predicate = predicate or (kind == "predicate" and not item)
            elif kind == "stop":
                clause = closed and (clause or depth <= 0)
                item = item and "negated" not in event.ends
            elif kind in QUESTION:
                if which in ("either", "last"):
                    event = _turned(event, item, behind=end - after - tail)
                    self.events[place] = (first, after, event)
                if event.direction in ("backward", "all"):
                    tail += after - first
                if QUESTION[kind] == CERTAINTY:
                    item = False
                    clause = clause or (closed and depth <= 0)
                elif event.direction == "forward" and event.reach == FAR and QUESTION[kind] in (WHOSE, WHEN):
                    clause = clause or depth <= 0  # ", history of ..." begins anew

    def _forward(self) -> None:
        scopes: list[_Scope | None] = [None] * 4
        outer: list[list[_Scope | None]] = []
        commas, paused = 0, False
        for place, (first, after, event) in enumerate(self.events):
            if isinstance(event, Mention):
                for question, scope in enumerate(scopes):
                    if scope is None or (paused and question == CERTAINTY) or event.after == scope.after:
                        continue
                    far, passed = max(event.first - scope.after, 0), commas - scope.commas
                    if far <= scope.trigger.reach:
                        scope.met = True
                        _offer(event.before, question, scope, (passed, 0 if passed == 0 else 1, far))
            elif event.kind == "mark":
                if event.direction == "open":
                    outer.append(list(scopes))
                elif event.direction == "close":
                    scopes = outer.pop() if outer else scopes
                elif event.direction in ("semicolon", "colon"):
                    commas += 1
                    _close(scopes, range(4))
                elif event.direction != "or":
                    commas += 1
                    if self.breaks[place]:
                        _close(scopes, CLOSED_BY_CLAUSE)
                    elif event.direction == "comma":
                        _part(scopes, self.claims[place], self.joined[place])
                paused = paused and event.direction in ("open", "close")
            elif event.kind == "pause":
                paused = True
            elif event.kind == "stop":
                _stop(scopes, event)
            elif event.kind in QUESTION and event.direction in ("forward", "both"):
                question = QUESTION[event.kind]
                scopes[question] = _Scope(event, first, after, commas, self._listed(place))
                paused = paused and question != CERTAINTY

    def _backward(self) -> None:
        scopes: list[_Scope | None] = [None] * 4
        outer: list[list[_Scope | None]] = []
        commas = 0
        for place in range(len(self.events) - 1, -1, -1):
            first, after, event = self.events[place]
            if isinstance(event, Mention):
                for question, scope in enumerate(scopes):
                    if scope is None or event.after == scope.after:
                        continue
                    if (far := max(scope.first - event.after, 0)) <= scope.trigger.reach:
                        _offer(event.behind, question, scope, (commas - scope.commas, 1, far))
            elif event.kind == "mark":
                if event.direction == "close":
                    outer.append(list(scopes))
                elif event.direction == "open":
                    around = outer.pop() if outer else [None] * 4
                    scopes = [_before(first, scope, other) for scope, other in zip(scopes, around, strict=True)]
                elif event.direction in ("semicolon", "colon"):
                    _close(scopes, range(4))
                else:
                    commas += event.direction != "or"
                    _pass(scopes, event.direction, self.started[place])
            elif event.kind == "stop":
                _stop(scopes, event)
            elif event.kind in QUESTION:
                question = QUESTION[event.kind]
                if event.direction in ("backward", "both", "all"):
                    joined = event.direction == "all" or (first > 0 and self.words[first - 1] in COMMAS)
                    listed = self._listed(place, before=True)
                    scopes[question] = _Scope(event, first, after, commas, listed, joined)
                else:
                    scopes[question] = None

    def _listed(self, place: int, *, before: bool = False) -> bool:
        """Whether a colon stands between the trigger and the list that it speaks of."""
        first, after, _ = self.events[place]
        at = first - 1 if before else after
        return 0 <= at < len(self.words) and self.words[at] in COLONS


def _outside(
    hits: Sequence[Hit], mentions: Sequence[Mention], spans: Sequence[Span], text: str, closed: bool
) -> list[Hit]:
    """The hits that lie in no mention, or begin one: triggers that look forward, if a space follows, verbs, and a
    relative who is a mention of its own."""
    kept = []
    place, reach = 0, 0
    for first, after, trigger in hits:
        while place < len(mentions) and mentions[place].first < first:
            reach = max(reach, mentions[place].after)
            place += 1
        if first < reach:
            continue
        if place < len(mentions) and mentions[place].first == first:
            longest = mentions[place].after
            forward = trigger.direction == "forward" and after < longest and text[spans[after - 1][1]].isspace()
            whole = after == longest and trigger.kind in ("clause", "stop") and not closed
            verb = trigger.kind == "clause" and text[spans[after - 1][1]].isspace()
            relative = trigger.kind == "family" and after == longest
            if not (forward or whole or verb or relative):
                continue
        kept.append((first, after, trigger))
    return kept


def _turned(trigger: Trigger, item: bool, *, behind: int) -> Trigger:
    """A trigger that may look either way: forward if an entity follows in its segment, else back.

    behind: how many words follow in its segment; with some, it speaks only of what stands directly before it, and one
    that looks back only where it is the last word does not
    """
    direction = "forward" if item or (trigger.direction == "last" and behind > 0) else "backward"
    reach = min(trigger.reach, 1) if behind > 0 and direction == "backward" else trigger.reach
    return Trigger(trigger.kind, direction, reach)


def _offer(answers: dict[int, Answer], question: int, scope: _Scope, distance: tuple[int, int, int]) -> None:
    answers[question] = (distance, scope.trigger.kind, (scope.first, scope.after))


def _close(scopes: list[_Scope | None], questions: Iterable[int]) -> None:
    for question in questions:
        scope = scopes[question]
        if scope is not None and not scope.listed:
            scopes[question] = None


def _stop(scopes: list[_Scope | None], stop: Trigger) -> None:
    for question, scope in enumerate(scopes):
        if scope is not None and scope.trigger.kind in stop.ends:
            scopes[question] = None


def _part(scopes: list[_Scope | None], claimed: bool, joined: bool) -> None:
    """Looking forward over a comma between two items.

    claimed: what follows has a predicate, "cough was noted". A verb that was negated ends there if it had no object:
    "never smoked, COPD"; but not if the list is joined: "is not pale, jaundiced or cyanotic".
    """
    scope = scopes[CERTAINTY]
    if scope is None or scope.listed:
        return
    verb = scope.trigger.kind == "negated" and scope.trigger.reach < FAR
    if (claimed and not scope.parted) or (verb and not scope.met and not joined):
        scopes[CERTAINTY] = None
    scope.parted = True


def _pass(scopes: list[_Scope | None], mark: str, started: bool) -> None:
    """Looking back over a comma, "and" or "or", before which a clause stands (started) or another item."""
    for question, scope in enumerate(scopes):
        if scope is None:
            continue
        if (started and mark != "or") or (mark == "comma" and not (scope.joined or scope.listed)):
            scopes[question] = None
        elif mark != "comma":
            scope.joined = True


def _before(bracket: int, inside: _Scope | None, around: _Scope | None) -> _Scope | None:
    """The scope before an opening bracket: one that opened inside speaks only of what stands directly before it."""
    if inside is None or inside is around:
        return around
    return replace(inside, trigger=replace(inside.trigger, reach=inside.first - bracket))
