"""The CRF's loss and the Viterbi search against pytorch-crf, on the same scores; equal results are asserted first.

    python benchmarks/crf.py

Needs torch and pytorch-crf (`pip install -e .[train,dev]`). The loss is measured forward and backward, as training
needs it; our search is numpy (one thread, and no torch in the installed product), theirs is torch.
"""

import numpy as np
import torch
import torchcrf
from measuring import arguments, heading, interleaved, median, seconds, spread, table

from epicrisis.decoding.linear_chain import Chain
from epicrisis.parts.decoders.crf import CRF
from epicrisis.text import TagCodec

PASSAGES, TOKENS, TAGS = 32, 64, 83
REPEATS = 4
LOSS, SEARCH = "loss and gradient", "best path"
OURS, THEIRS = "epicrisis", "pytorch-crf"


class Case:
    """One batch of random scores, of full or of different lengths, and both implementations with equal weights."""

    def __init__(self, *, ragged: bool) -> None:
        self.ragged = ragged
        torch.manual_seed(1)
        rng = np.random.default_rng(1)
        self.lengths = rng.integers(TOKENS // 4, TOKENS + 1, PASSAGES) if ragged else np.full(PASSAGES, TOKENS)
        self.lengths[0] = TOKENS
        self.mask = torch.arange(TOKENS) < torch.from_numpy(self.lengths)[:, None]
        self.scores = torch.randn(PASSAGES, TOKENS, TAGS)
        self.targets = torch.randint(TAGS, (PASSAGES, TOKENS))
        self.theirs = torchcrf.CRF(TAGS, batch_first=True)
        self.ours = CRF(
            1, TagCodec([str(number) for number in range(TAGS - 1)], scheme="io")
        )  # IO allows every transition
        with torch.no_grad():
            self.ours.transitions.copy_(self.theirs.transitions)
            self.ours.start.copy_(self.theirs.start_transitions)
            self.ours.end.copy_(self.theirs.end_transitions)
        weights = [weight.detach().numpy() for weight in self.ours.weights().values()]
        self.chain = Chain(*weights, codec=None)

    def our_loss(self) -> tuple[torch.Tensor, ...]:
        scores = self.scores.clone().requires_grad_()
        loss = self.ours.loss(scores, self.mask, self.targets)
        return loss, *torch.autograd.grad(loss, [scores, *self.ours.weights().values()])

    def their_loss(self) -> tuple[torch.Tensor, ...]:
        scores = self.scores.clone().requires_grad_()
        loss = -self.theirs(scores, self.targets, self.mask, reduction="sum")
        crf = self.theirs
        weights = [crf.transitions, crf.start_transitions, crf.end_transitions]
        return loss, *torch.autograd.grad(loss, [scores, *weights])

    def our_paths(self) -> np.ndarray:
        return self.chain.best_path(self.scores.numpy(), self.lengths)

    def their_paths(self) -> list[list[int]]:
        with torch.no_grad():
            return self.theirs.decode(self.scores, self.mask)

    def check(self) -> None:
        for ours, theirs in zip(self.our_loss(), self.their_loss(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-3)
        paths = self.our_paths()
        for row, length, path in zip(paths, self.lengths, self.their_paths(), strict=True):
            assert row[:length].tolist() == path

    def __str__(self) -> str:
        return f"{TOKENS // 4} to {TOKENS} tokens" if self.ragged else f"all {TOKENS} tokens"


def main() -> None:
    args = arguments(__doc__, runs=15).parse_args()
    heading("CRF against pytorch-crf", "torch", "pytorch-crf", "numpy", runs=args.runs)
    print(f"{PASSAGES} passages x {TOKENS} tokens x {TAGS} tags; milliseconds. Both gave the same results first.\n")
    rows = []
    for ragged in (False, True):
        case = Case(ragged=ragged)
        case.check()
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found = interleaved(
                {
                    (LOSS, OURS): seconds(case.our_loss, REPEATS),
                    (LOSS, THEIRS): seconds(case.their_loss, REPEATS),
                    (SEARCH, OURS): seconds(case.our_paths, REPEATS),
                    (SEARCH, THEIRS): seconds(case.their_paths, REPEATS),
                },
                args.runs,
            )
            for what in (LOSS, SEARCH):
                ours, theirs = ([1e3 * value for value in found[what, who]] for who in (OURS, THEIRS))
                ratio = f"{median(theirs) / median(ours):.1f}"
                rows.append([f"{what}, {case}", str(threads), spread(ours), spread(theirs), ratio])
    table(["", "torch's threads", OURS, THEIRS, "times faster"], rows)


if __name__ == "__main__":
    main()
