# SPDX-License-Identifier: LGPL-2.1-or-later
"""Muon: momentum whose update is made orthogonal, matrix by matrix.

After K. Jordan's description of Muon (2024) and the scale of Moonlight
(arXiv 2502.16982): the update of an a x b matrix has the size that AdamW's
would have, so that one learning rate serves both.  A convolution's weight
counts as a matrix [out, in * taps].  Matrices of one shape go together.
"""

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)    # Newton-Schulz, quintic


def orthogonal(matrices, steps=5):
    """Nearly orthogonal matrices with the same row and column spaces.

    matrices: [N, a, b].
    """
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = torch.bmm(x, x.transpose(1, 2))
        square = torch.baddbmm(square, square, square, beta=b, alpha=c)
        x = torch.baddbmm(x, square, x, beta=a)
    return (x.transpose(1, 2) if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions."""

    def __init__(self, parameters, lr, momentum=.95, weight_decay=0.0,
                 compiled=False):
        super().__init__(parameters, dict(
            lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.orthogonal = torch.compile(orthogonal, dynamic=False) \
            if compiled else orthogonal

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            weights = [w for w in group['params'] if w.grad is not None]
            for weight in weights:
                state = self.state[weight]
                if 'momentum' not in state:
                    state['momentum'] = torch.zeros_like(weight)
            momenta = [self.state[weight]['momentum'] for weight in weights]
            gradients = [weight.grad for weight in weights]
            torch._foreach_lerp_(momenta, gradients, 1 - group['momentum'])
            updates = torch._foreach_lerp(gradients, momenta,
                                          group['momentum'])
            by_shape = {}
            for weight, update in zip(weights, updates):
                shape = (weight.shape[0], weight[0].numel())
                by_shape.setdefault(shape, []).append(
                    (weight, update.reshape(shape)))
            for shape, pairs in by_shape.items():
                self._apply(group, shape, pairs)

    def _apply(self, group, shape, pairs):
        updates = self.orthogonal(
            torch.stack([update for _, update in pairs]))
        scale = .2 * max(shape) ** .5
        weights = [weight for weight, _ in pairs]
        torch._foreach_mul_(weights, 1 - group['lr'] * group['weight_decay'])
        torch._foreach_add_(
            weights, [update.view_as(weight) for weight, update in
                      zip(weights, updates)], alpha=-group['lr'] * scale)


class Both:
    """Muon for the matrices inside a model, AdamW for all else."""

    def __init__(self, model, lr, frozen=(), outer=(), betas=(.9, .95),
                 weight_decay=.01, compiled=False):
        """frozen: beginnings of names that nothing changes; outer: of those
        that AdamW takes, matrices or not."""
        inner, rest = [], []
        for name, weight in model.named_parameters():
            if name.startswith(tuple(frozen)):
                continue
            matrix = weight.dim() > 1 and min(
                weight.shape[0], weight[0].numel()) > 8
            matrix = matrix and not name.endswith(('gamma', '_table'))
            matrix = matrix and not name.startswith(tuple(outer))
            (inner if matrix else rest).append(weight)
        self.parts = [Muon(inner, lr, weight_decay=weight_decay,
                           compiled=compiled),
                      torch.optim.AdamW(rest, lr, betas, weight_decay=0.0,
                                        fused=True)]

    def set_rate(self, rate):
        for part in self.parts:
            for group in part.param_groups:
                group['lr'] = rate

    def step(self):
        for part in self.parts:
            part.step()

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def state_dict(self):
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
