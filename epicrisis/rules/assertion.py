"""Assertion by rules: whether a finding is there, negated, uncertain, hypothetical, of the past or of a relative.

After the idea of ConText (Harkema, Dowling, Thornblade and Chapman 2009, Journal of Biomedical Informatics 42):
trigger words open scopes, and an entity in a scope takes its value. Word lists and scope rules are our own;
docs/rules.md states them for users. In one sentence after the other:

1. Triggers are phrases of words: the longest at each place, never across the edge of an entity. One inside an entity
   counts only where it begins it and a space follows ("no murmur", not the 无 of 无力).
2. Two sweeps, from the left for triggers that look forward and from the right for those that look back, each with one
   open scope for each of four questions: certainty (negated, uncertain), whose (family), when (historical), and if at
   all (hypothetical). A trigger replaces the open scope of its question; the sentence's end closes all.
3. Stops ("but", "due to", 出现) close scopes. So does a comma or "and" before a clause of its own, which a verb or
   pronoun shows; before another item of a list it closes nothing. In Chinese a comma goes on only to a bare item.
   Looking back, a comma is passed only within "a, b and c", directly before the trigger, or where a colon stands
   before it. What a bracket opens, it closes.
4. Where both sweeps answer, the one with fewer commas between wins, then the one that looks forward where there is
   none, then the nearer one; but what was ruled out behind is no longer suspected before. Of several answers the
   entity takes the first of PRECEDENCE. A section's heading answers its question where nothing else did.

All is linear in tokens and entities: a note's triggers are found once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from epicrisis.document import Attribute, Document, Entity, Span
from epicrisis.rules.phrases import END, START
from epicrisis.rules.sections import sentence_ends, valued
from epicrisis.rules.triggers import FAR, Trigger, Triggers, load
from epicrisis.text.tokens import lowered, tokens

NAME = "assertion"
PRECEDENCE = ("hypothetical", "negated", "family", "uncertain", "historical", "present")
"""Negated before family: "no family history of stroke" must not be counted as a stroke in the family."""

DESCRIPTIONS = {
    *("activity", "administration", "age", "area", "biological_attribute", "biological_structure", "body", "color"),
    *(
        "coreference",
        "crowd",
        "date",
        "department",
        "detailed_description",
        "distance",
        "dosage",
        "duration",
        "feature",
    ),
    *("form", "frequency", "gender", "height", "lab_value", "mass", "nonbiological_location", "occupation"),
    *("personal_background", "population", "qualitative_concept", "quantitative_concept", "race", "route", "severity"),
    *("sex", "shape", "strength", "subject", "texture", "time", "time_elapsed", "volume", "weight"),
    *("年龄", "性别", "时间", "日期", "部位", "解剖部位", "科室", "剂量", "频率", "程度", "人群"),
}
"""Names of types, in lower case, of what describes a finding, a drug or a person, and is not itself there or absent: in
"no chest pain since Monday" it is the pain that is negated, not the chest and not Monday."""

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
CLOSED_LISTS = frozenset({"zh"})
"""Languages in which a comma parts clauses unless nothing but a bare item follows."""
SHORT = 6
"""In those: tokens of an item in which no entity was found."""
COLONS, COMMAS, ENDS = frozenset(":："), frozenset(",，"), frozenset(".!?。！？")

Hit = tuple[int, int, Trigger]
Answer = tuple[tuple[int, int, int], str, tuple[int, int]]
"""How far (commas, rank, tokens), the value, the tokens of the trigger."""


@dataclass(slots=True)
class _Mention:
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


class Assertion:
    """Sets the attribute `assertion` of the entities of documents in one language.

    Only what is said is set: an entity without the attribute is simply present. `present` is set where a trigger was
    taken back ("not without pain"). The cue is where the trigger, or the heading, stands.

    skipped  types that nothing is said of, in lower case and with _ between words

    Raises UsageError where there are no rules for the language.
    """

    def __init__(self, language: str, *, skipped: Collection[str] = DESCRIPTIONS) -> None:
        self.language = language
        self.skipped = skipped
        self.triggers = load(language)
        self._closed = language in CLOSED_LISTS

    def annotate(self, document: Document, *, keep: bool = False) -> Document:
        """The document with assertions, and `assertion: rules` in its meta, which tells that the others are present.

        Assertions that it has are replaced, unless `keep`.
        """
        if not document.entities:
            return document
        entities = list(document.entities)
        for number, attribute in enumerate(self.assertions(document)):
            entity = entities[number]
            if NAME in entity.attributes:
                if keep:
                    continue
            elif attribute is None:
                continue
            others = {name: one for name, one in entity.attributes.items() if name != NAME}
            entities[number] = replace(entity, attributes=others | ({NAME: attribute} if attribute else {}))
        return replace(document, entities=tuple(entities), meta={**document.meta, NAME: "rules"})

    def assertions(self, document: Document) -> list[Attribute | None]:
        """For each entity what the rules say of it, None where they say nothing."""
        text = document.text
        found: list[Attribute | None] = [None] * len(document.entities)
        spans = list(tokens(text))
        if not spans or not found:
            return found
        starts = [start for start, _ in spans]
        places = [_place(entity, starts) for entity in document.entities]
        edges = bytearray(len(spans) + 1)
        for first, after in places:
            edges[first] |= START
            edges[after] |= END
        low = lowered(text)
        words = [low[start:end] for start, end in spans]
        hits = list(self.triggers.phrases.find(words, edges, across=_is_pseudo))
        ends = [bisect_left(starts, end) for end in sentence_ends(text)]
        answers: dict[int, dict[int, tuple[str, Span]]] = {}
        for sentence, mentions, end in _by_sentence(places, hits, ends, len(spans)):
            _Sentence(sentence, mentions, end, words, spans, text, self._closed).answer()
            for mention in mentions:
                answers[mention.number] = {
                    question: (value, (spans[first][0], spans[after - 1][1]))
                    for question, (_, value, (first, after)) in mention.answers().items()
                }
        for number, value, cue in _under_headings(document, self.triggers):
            answers.setdefault(number, {}).setdefault(QUESTION[value], (value, cue))
        for number, said in answers.items():
            if said and not self._skips(document.entities[number].type):
                value, cue = min(said.values(), key=lambda answer: PRECEDENCE.index(answer[0]))
                found[number] = Attribute(value, cue=cue)
        return found

    def _skips(self, type_: str) -> bool:
        return type_.lower().replace("-", "_").replace(" ", "_") in self.skipped


def _is_pseudo(trigger: Trigger) -> bool:
    """What only looks like a trigger does so over the edge of an entity, too: "a [three-day] history of fever"."""
    return trigger.kind == "pseudo"


def _place(entity: Entity, starts: Sequence[int]) -> tuple[int, int]:
    """Its tokens; of a discontinuous mention those of its first fragment: what lies between them is none of it."""
    start, end = entity.fragments[0]
    first = bisect_right(starts, start) - 1
    if first < 0:
        first = 0
    after = bisect_left(starts, end, first)
    return first, after if after > first else first + 1


def _by_sentence(
    places: Sequence[tuple[int, int]], hits: Sequence[Hit], ends: Sequence[int], count: int
) -> Iterator[tuple[Sequence[Hit], list[_Mention], int]]:
    """The hits and mentions of each sentence that has a trigger and a mention, and the token behind it."""
    grouped: dict[int, list[_Mention]] = {
        bisect_right(ends, first): [] for first, _, trigger in hits if trigger.kind in QUESTION
    }
    for number, (first, after) in enumerate(places):
        mentions = grouped.get(bisect_right(ends, first))
        if mentions is not None:
            mentions.append(_Mention(number, first, after, {}, {}))
    firsts = [first for first, _, _ in hits]
    for sentence, mentions in grouped.items():
        if mentions:
            start = ends[sentence - 1] if sentence else 0
            end = ends[sentence] if sentence < len(ends) else count
            yield hits[bisect_left(firsts, start) : bisect_left(firsts, end)], mentions, end


def _under_headings(document: Document, triggers: Triggers) -> Iterator[tuple[int, str, Span]]:
    """(number of the entity, value of its section, where the heading stands)"""
    starts = [entity.start for entity in document.entities]  # in order
    for (start, end), value, cue in valued(document.text, triggers.headings, triggers.sections):
        for number in range(bisect_left(starts, start), bisect_left(starts, end)):
            yield number, value, cue


class _Sentence:
    """One sentence: its events in order, and the two sweeps over them.

    breaks   by event: a comma or conjunction behind which a clause of its own begins
    started  by event: a comma or conjunction before which one stands
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        mentions: list[_Mention],
        end: int,
        words: Sequence[str],
        spans: Sequence[Span],
        text: str,
        closed: bool,
    ) -> None:
        mentions.sort(key=lambda mention: (mention.first, -mention.after))
        hits = _outside(hits, mentions, spans, text, closed)
        events: list[tuple[int, int, Trigger | _Mention]] = [*hits, *((m.first, m.after, m) for m in mentions)]
        events.sort(key=lambda event: (event[0], isinstance(event[2], _Mention)))
        self.events = events
        self.words = words
        while end and words[end - 1] in ENDS:
            end -= 1
        self.end = end
        self.breaks = [False] * len(events)
        self.started = [False] * len(events)
        self._see_clauses()
        self._see_what_follows(closed)

    def answer(self) -> None:
        self._forward()
        self._backward()

    def _see_clauses(self) -> None:
        clause = False
        for place, (_, _, event) in enumerate(self.events):
            if isinstance(event, _Mention):
                continue
            if event.kind in ("clause", "stop"):
                clause = True
            elif event.kind == "mark" and event.direction in ("comma", "and", "semicolon", "colon"):
                self.started[place] = clause
                clause = False

    def _see_what_follows(self, closed: bool) -> None:
        """From the right: what each comma is followed by, and which way a trigger looks that may look either way."""
        clause = item = False
        depth, tail, end = 0, 0, self.end
        last: int | None = None
        for place in range(len(self.events) - 1, -1, -1):
            first, after, event = self.events[place]
            if isinstance(event, _Mention):
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
                elif which == "colon":
                    clause, item = True, False
                    tail, end, last = 0, first, None
                else:
                    behind = end - after - tail
                    bare = last <= 0 if last is not None else behind <= SHORT
                    self.breaks[place] = clause or (closed and not bare)
                    clause = item = False
                    tail, end, last = 0, first, None
            elif kind == "clause":
                clause = clause or depth <= 0
            elif kind == "tail":
                tail += after - first
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
            if isinstance(event, _Mention):
                for question, scope in enumerate(scopes):
                    if scope is None or (paused and question == CERTAINTY) or event.after == scope.after:
                        continue
                    far, passed = max(event.first - scope.after, 0), commas - scope.commas
                    if far <= scope.trigger.reach:
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
            if isinstance(event, _Mention):
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
    hits: Sequence[Hit], mentions: Sequence[_Mention], spans: Sequence[Span], text: str, closed: bool
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
