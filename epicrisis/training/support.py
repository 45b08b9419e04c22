"""The tokens by which a model that decides by the nearest neighbour knows its tags."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch

from epicrisis.encoding import Indexer
from epicrisis.models import Tagger
from epicrisis.parts.decoders import NearestNeighbour
from epicrisis.training.batches import Example, epoch_batches, make_batch

LEAST = 50
"""Tokens of a rare tag that are drawn though its share of the support would be smaller."""
_NOT_DRAWN = -1


def rememberer(
    tagger: Tagger, found: Sequence[Example], indexers: Iterable[Indexer], *, tokens: int, seed: int
) -> Callable[[Tagger], None]:
    """What has to be called with the network whenever its weights have changed and it is to decode.

    tokens: of a batch; seed: of the draw. Where the decoder knows its tags by its weights, there is nothing to do.
    """
    decoder = tagger.decoder
    if not isinstance(decoder, NearestNeighbour):
        return lambda network: None
    indexers = list(indexers)
    chosen = drawn(found, decoder.support, seed)

    def remember(network: Tagger) -> None:
        assert isinstance(network.decoder, NearestNeighbour)
        device = next(network.parameters()).device
        training = network.training
        network.eval()
        states, tags = [], []
        with torch.no_grad():
            for examples in epoch_batches(chosen, tokens, seed):
                batch = make_batch(examples, indexers)
                inputs = {name: array.to(device) for name, array in batch.inputs.items()}
                scores, own = network.own_scores(inputs, batch.own.to(device), batch.targets.shape[1])
                targets = batch.targets.to(device)
                wanted = own & (targets != _NOT_DRAWN)
                states.append(scores[wanted])
                tags.append(targets[wanted])
        network.train(training)
        network.decoder.remember(torch.cat(states), torch.cat(tags))

    return remember


def drawn(found: Sequence[Example], count: int, seed: int) -> list[Example]:
    """The passages that hold about `count` tokens, drawn at random; the targets of the other tokens are -1.

    Each tag gets its share, for a neighbour is the likelier of a tag the more tokens have it; but the rare ones at
    least LEAST, as far as they have so many.
    """
    chance = np.random.default_rng(seed)
    tags = np.concatenate([example.targets for example in found])
    kept = np.full_like(tags, _NOT_DRAWN)
    for tag in np.unique(tags).tolist():
        places = np.flatnonzero(tags == tag)
        wanted = max(LEAST, round(count * len(places) / len(tags)))
        chosen = chance.choice(places, min(wanted, len(places)), replace=False)
        kept[chosen] = tag
    ends = np.cumsum([len(example.targets) for example in found])
    rows = zip(found, np.split(kept, ends[:-1]), strict=True)
    return [Example(example.passage, row) for example, row in rows if (row != _NOT_DRAWN).any()]
