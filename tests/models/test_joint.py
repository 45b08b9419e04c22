"""The joint network: mentions as vectors, losses as they are weighed, long notes in pieces."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import epicrisis.runtime.relater
from epicrisis.decoding import Found, Relations
from epicrisis.document import Document, Entity
from epicrisis.encoding import encode_pairs
from epicrisis.models.joint import LOSSES, UNSAID, Joint, MentionStates, relation_targets
from epicrisis.parts.relations import RELATIONS
from epicrisis.runtime import Relater
from epicrisis.text import TagCodec, mark
from epicrisis.training.batches import Batch, epoch_batches, examples, make_batch, mixed_batches, stretches
from epicrisis.training.module import torch_pairs

from ..training.joint import NOTES, joint_recipe, made
from ..training.joint import RULE as RULE_OF_NOTES


def batch(joint: Joint, indexers: Any, codec: Any) -> Batch:
    return batch_of(NOTES, joint, indexers, codec)


def batch_of(notes: list[Document], joint: Joint, indexers: Any, codec: Any) -> Batch:
    found, _, _ = stretches(notes, codec, joint.relation_codec, RULE_OF_NOTES, 1000)
    return make_batch(found, indexers.values())


def tags(joint: Joint, one: Batch) -> float:
    return joint.loss(dict(one.inputs), one.own, one.targets, None).item()


def loss(joint: Joint, one: Batch) -> Tensor:
    return joint.loss(dict(one.inputs), one.own, one.targets, one.stretches)


def test_a_mention_is_the_mean_of_its_tokens_and_a_vector_of_its_type() -> None:
    part = MentionStates(3, 2, 4)
    states = torch.randn(7, 3)
    first, after, types = torch.tensor([0, 2, 6]), torch.tensor([1, 6, 7]), torch.tensor([1, 0, 1])
    found = part(states, first, after, types)
    torch.testing.assert_close(found[1, :3], states[2:6].mean(0))
    torch.testing.assert_close(found[2, :3], states[6])
    assert part.types is not None
    torch.testing.assert_close(found[:, 3:], part.types.weight[types])
    assert MentionStates(3, 2, 0)(states, first, after, types).shape == (3, 3)


@pytest.mark.parametrize("kind", RELATIONS)
def test_the_loss_is_the_weighed_sum_of_its_parts(kind: str) -> None:
    def value(**weights: float) -> float:
        recipe = joint_recipe(relations={"type": kind, "dropout": 0.0}, joint=weights)
        joint, indexers, codec = made(recipe)
        one = batch(joint.eval(), indexers, codec)
        return loss(joint, one).item() / int(one.own.sum())

    tags = value(relations=0.0, attributes=0.0)
    related = value(relations=1.0, attributes=0.0) - tags
    said = value(relations=0.0, attributes=1.0) - tags
    assert min(tags, related, said) > 0.01
    assert value(relations=2.0, attributes=0.5) == pytest.approx(tags + 2 * related + 0.5 * said, rel=1e-4)


def test_the_losses_of_attention_are_how_little_related_mentions_attend_to_each_other() -> None:
    plain, ahead, back = (
        joint_recipe(relations={"type": "bilinear_attention", "dropout": 0.0}, joint=weights)
        for weights in ({}, {"attention": 1.0}, {"cross_attention": 1.0})
    )
    joint, indexers, codec = made(plain)
    one = batch(joint.eval(), indexers, codec)
    before = loss(joint, one).item() / int(one.own.sum())
    states = joint(dict(one.inputs))[one.own][:, -joint.states_size :]
    assert one.stretches is not None
    facts = one.stretches.facts
    mentions = np.stack([states[a:b].mean(0).detach().numpy() for a, b in facts.spans])
    mentions = np.concatenate([mentions, joint.mentions.types.weight.detach().numpy()[facts.types]], 1)  # type: ignore[union-attr]
    partners = joint.relation_codec.partners(facts.spans, facts.types, one.stretches.number)
    likely = mentions @ joint.relations.weight.detach().numpy() @ mentions.T  # type: ignore[operator,union-attr]

    def share(a: int, b: int) -> float:
        row = [n for n in partners[a].tolist() if n >= 0]
        shares = np.exp(likely[a, row] - likely[a, row].max())
        return float((shares / shares.sum())[row.index(b)])

    for recipe, expected in (
        (ahead, -sum(np.log(share(h, t)) for h, t, _ in facts.relations)),
        (back, -sum(np.log(share(t, h)) for h, t, _ in facts.relations)),
    ):
        joint, indexers, codec = made(recipe)
        found = loss(joint.eval(), one).item() / int(one.own.sum())
        assert found - before == pytest.approx(expected / int(one.own.sum()), rel=1e-3)


def test_alternate_learns_from_tags_or_from_the_rest() -> None:
    joint, indexers, codec = made(joint_recipe(joint={"weighting": "alternate"}))
    one = batch(joint, indexers, codec)
    seen = set()
    for seed in range(8):
        torch.manual_seed(seed)
        joint.zero_grad()
        loss(joint, one).backward()
        learned = [any(w.grad is not None for w in part.parameters()) for part in (joint.decoder, joint.relations)]
        seen.add(tuple(learned))
    assert seen == {(True, False), (False, True)}


def test_doubts_are_learned_where_losses_are_weighed_by_them() -> None:
    joint, indexers, codec = made(joint_recipe(joint={"weighting": "uncertainty"}))
    one = batch(joint.eval(), indexers, codec)
    plain, _, _ = made(joint_recipe())
    plain.load_state_dict({n: w for n, w in joint.state_dict().items() if n != "uncertainty"})
    assert loss(joint, one).item() == pytest.approx(loss(plain.eval(), one).item())  # without doubts it is the sum
    assert joint.uncertainty is not None
    with torch.no_grad():
        joint.uncertainty[LOSSES.index("tags")] = 1.0
    tokens = int(one.own.sum())
    tags = joint.loss(dict(one.inputs), one.own, one.targets, None).item() / tokens
    without = (
        loss(plain, one).item() / tokens - plain.loss(dict(one.inputs), one.own, one.targets, None).item() / tokens
    )
    assert loss(joint, one).item() / tokens == pytest.approx(without + tags, rel=1e-4)


def test_separate_readers_share_nothing_with_the_tagger() -> None:
    joint, indexers, codec = made(joint_recipe(joint={"sharing": "separate"}))
    one = batch(joint, indexers, codec)
    joint.loss(dict(one.inputs), one.own, one.targets, None).backward()
    assert joint.reader is not None
    assert all(w.grad is None for w in joint.reader.parameters())
    assert any(w.grad is not None for w in joint.encoder.parameters())
    joint.zero_grad()
    joint.settings = replace(joint.settings, attributes=0.0)
    loss(joint, one).backward()
    assert any(w.grad is not None and w.grad.any() for w in joint.reader.parameters())


def test_no_relation_crosses_from_one_note_to_another() -> None:
    joint, indexers, codec = made(joint_recipe())
    one = batch(joint, indexers, codec)
    assert one.stretches is not None
    facts, number = one.stretches.facts, one.stretches.number
    partners = joint.relation_codec.partners(facts.spans, facts.types, number)
    assert (partners >= 0).any()
    for row, of in zip(partners, number, strict=True):
        assert (number[row[row >= 0]] == of).all()
    targets = relation_targets(
        {"partners": np.maximum(partners, 0), "real": partners >= 0},
        facts.relations,
        len(joint.relation_codec.relations),
    )
    assert targets.sum() == len(facts.relations) == sum(len(note.relations) for note in NOTES)


@pytest.mark.parametrize("kind", RELATIONS)
def test_a_long_note_is_related_as_it_is_in_one_piece(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    joint, _, _ = made(joint_recipe(relations={"type": kind}, joint={"window": 12, "most": 4}))
    codec = joint.relation_codec
    chance = np.random.default_rng(5)
    first = np.sort(chance.integers(0, 400, 150))
    spans = np.stack([first, first + chance.integers(1, 4, 150)], 1)
    types = chance.integers(0, len(codec.types), 150)
    states = chance.standard_normal((420, joint.states_size)).astype(np.float32)
    least = dict.fromkeys(codec.relations, 0.3)
    decoder = Relations(codec, {"type": kind, "select": "greedy", "thresholds_given": least})
    relater = Relater(torch_pairs(joint.eval()), codec, decoder, joint.states_size)
    whole, said = relater.found(states, spans, types, 0 * types)
    assert len(whole) > 10
    monkeypatch.setattr(epicrisis.runtime.relater, "MENTIONS", 7)
    related, values = relater.found(states, spans, types, 0 * types)
    assert [one[:3] for one in sorted(related)] == [one[:3] for one in sorted(whole)]
    np.testing.assert_allclose([one[3] for one in sorted(related)], [one[3] for one in sorted(whole)], rtol=1e-4)
    assert [{name: value for name, (value, _) in one.items()} for one in values] == [
        {name: value for name, (value, _) in one.items()} for one in said
    ]


@pytest.mark.parametrize("weighting", ["sum", "alternate"])  # batches alternate by themselves
def test_marked_text_teaches_the_reader_and_plain_text_the_tagger(weighting: str) -> None:
    settings = {"sharing": "marked", "weighting": weighting}
    joint, indexers, codec = made(joint_recipe(relations={"type": "concat"}, joint=settings))
    joint.train()
    singly, _ = examples(NOTES, codec, RULE_OF_NOTES)
    together, _, fates = stretches([mark(note) for note in NOTES], codec, joint.relation_codec, RULE_OF_NOTES, 1000)
    assert fates.kept == sum(len(note.relations) for note in NOTES)
    batches = [make_batch(found, indexers.values()) for found in mixed_batches([*singly, *together], 10_000, 1)]
    assert sorted(one.stretches is None for one in batches) == [False, True]
    assert joint(dict(batches[0].inputs)).shape[2] == len(codec.types) * 2 + 1
    for one in batches * 8:
        joint.zero_grad()
        loss(joint, one).backward()
        of_tags = one.stretches is None
        assert joint.reader is not None
        for part, learns in ((joint.reader, not of_tags), (joint.relations, not of_tags), (joint.encoder, of_tags)):
            assert any(w.grad is not None for w in part.parameters()) == learns


def test_batches_of_one_kind_are_those_of_an_epoch() -> None:
    _, _, codec = made(joint_recipe())
    singly, _ = examples(NOTES, codec, RULE_OF_NOTES)
    assert list(mixed_batches(singly, 30, 3)) == list(epoch_batches(singly, 30, 3))


def test_what_rules_say_adds_to_the_scores_of_attributes_and_to_nothing_else() -> None:
    joint, _, _ = made(joint_recipe(joint={"rules": "en"}))
    codec = joint.relation_codec
    assert codec.ruled[:2] == ("hypothetical", "negated")
    assert joint.ruled is not None
    torch.nn.init.normal_(joint.ruled.weight)
    spans, types = np.array([[0, 1], [2, 3], [4, 5]]), np.array([0, 1, 0])
    states = torch.randn(6, joint.states_size)

    def asked(*ruled: int) -> tuple[Tensor, Tensor]:
        arrays = encode_pairs(codec, spans, types, np.array(ruled))
        return joint.eval().pairs(states, {name: torch.from_numpy(array) for name, array in arrays.items()})

    related, said = asked(0, 0, 0)
    related_too, negated = asked(0, 2, 0)
    torch.testing.assert_close(related_too, related)
    torch.testing.assert_close(negated[[0, 2]], said[[0, 2]])
    torch.testing.assert_close(negated[1] - said[1], joint.ruled.weight[2] - joint.ruled.weight[0])


def test_a_relation_is_as_sure_as_its_ends() -> None:
    joint, _, _ = made(joint_recipe())
    codec = joint.relation_codec
    spans, types = (
        np.array([[0, 1], [2, 3], [4, 5]]),
        np.array([codec.types.index(t) for t in ("Dose", "Drug", "Dose")]),
    )
    states = np.random.default_rng(1).standard_normal((6, joint.states_size)).astype(np.float32)
    every = dict.fromkeys(codec.relations, 0.0)
    decoder = Relations(codec, {"type": "bilinear_attention", "thresholds": every, "thresholds_given": every})
    relater = Relater(torch_pairs(joint.eval()), codec, decoder, joint.states_size)
    alone, _ = relater.found(states, spans, types, 0 * types)
    sure = np.array([0.5, 0.8, 0.25], np.float32)
    related, _ = relater.found(states, spans, types, 0 * types, sure)
    assert [one[:3] for one in related] == [one[:3] for one in alone] == [(0, 1, "DOSE_OF"), (2, 1, "DOSE_OF")]
    for before, after in zip(alone, related, strict=True):
        assert after[3] == pytest.approx(before[3] * sure[before[0]] * sure[before[1]])


def noticing(note: Document, **extra: tuple[str, str]) -> Document:
    """The note with more mentions, id -> (type, words), that nothing is said of."""
    more = [
        Entity(type_, ((note.text.index(words), note.text.index(words) + len(words)),), id=id_)
        for id_, (type_, words) in extra.items()
    ]
    return Document(note.id, note.text, tuple(sorted([*note.entities, *more])), note.relations)


def test_wrong_mentions_stand_where_they_would_if_gold_had_them() -> None:
    joint, indexers, codec = made(joint_recipe())
    wrong = [noticing(NOTES[0], x=("Problem", "took"), y=("Dose", "of")), noticing(NOTES[1], z=("Drug", "twice"))]
    one, other = (batch_of(notes, joint, indexers, codec).stretches for notes in (NOTES[:2], wrong))
    assert one is not None
    assert other is not None
    gold = {(*span, type_) for span, type_ in zip(one.facts.spans.tolist(), one.facts.types.tolist(), strict=True)}
    every = zip(other.facts.spans.tolist(), other.facts.types.tolist(), other.number.tolist(), strict=True)
    extra = [(first, after, type_, number) for (first, after), type_, number in every]
    extra = [mention for mention in extra if mention[:3] not in gold]
    assert len(extra) == 3
    found = one.with_others(extra)
    np.testing.assert_array_equal(found.facts.spans, other.facts.spans)
    np.testing.assert_array_equal(found.facts.types, other.facts.types)
    np.testing.assert_array_equal(np.sort(found.facts.relations, 0), np.sort(other.facts.relations, 0))
    np.testing.assert_array_equal(found.number, other.number)
    silent = (found.facts.attributes == UNSAID).all(1)
    assert silent.sum() == 3
    np.testing.assert_array_equal(found.facts.attributes[~silent], one.facts.attributes)


def test_the_tagger_s_mistakes_are_shown_more_often_as_training_goes_on() -> None:
    shown, indexers, codec = made(joint_recipe(joint={"predicted": 0.5}))
    one = batch(shown, indexers, codec)
    plain, _, _ = made(joint_recipe())
    plain.load_state_dict(shown.state_dict())
    without = loss(plain, one).item()
    shown.train()
    shown.progress = 0.0
    assert loss(shown, one).item() == pytest.approx(without)
    shown.progress = 1.0
    torch.manual_seed(1)
    losses = [loss(shown, one).item() for _ in range(20)]
    assert {round(value, 2) for value in losses} == {round(without, 2), round(max(losses), 2)}  # with them or without
    assert max(losses) > without
    assert min(losses) == pytest.approx(without)
    assert loss(shown.eval(), one).item() == pytest.approx(without)


def test_what_the_tagger_finds_in_vain_is_related_to_nothing() -> None:
    joint, indexers, codec = made(joint_recipe(joint={"predicted": 1.0}))
    wrong = noticing(NOTES[0], x=("Dose", "took"))
    one, other = (batch_of([note], joint, indexers, codec) for note in (NOTES[0], wrong))

    class FindsTook:
        make_codec = TagCodec

        def __init__(self, codec: Any, weights: Any) -> None: ...

        def decode(self, scores: Any, mask: Any) -> list[list[Found]]:
            right = [Found(2, 4, "Dose", 1.0)]  # what gold has, too
            return [[Found(1, 2, "Dose", 1.0), *right]] + [[] for _ in mask[1:]]

    joint.way_out = FindsTook
    joint.settings = replace(joint.settings, attributes=0.0)
    joint.train().progress = 1.0
    assert loss(joint, one).item() == pytest.approx(
        loss(joint.eval(), other).item() - tags(joint, other) + tags(joint, one)
    )
