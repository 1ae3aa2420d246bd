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
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions."""

    def __init__(self, parameters, lr, momentum=.95, weight_decay=0.0):
        super().__init__(parameters, dict(
            lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for weight in group['params']:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if 'momentum' not in state:
                    state['momentum'] = torch.zeros_like(weight)
                state['momentum'].lerp_(weight.grad, 1 - group['momentum'])
                update = weight.grad.lerp(state['momentum'],
                                          group['momentum'])
                shape = (weight.shape[0], weight[0].numel())
                by_shape.setdefault(shape, []).append(
                    (weight, update.reshape(shape)))
            for shape, pairs in by_shape.items():
                self._apply(group, shape, pairs)

    @staticmethod
    def _apply(group, shape, pairs):
        updates = orthogonal(torch.stack([update for _, update in pairs]))
        scale = .2 * max(shape) ** .5
        for (weight, _), update in zip(pairs, updates):
            weight.mul_(1 - group['lr'] * group['weight_decay'])
            weight.add_(update.view_as(weight), alpha=-group['lr'] * scale)


class Both:
    """Muon for the matrices inside a model, AdamW for all else."""

    def __init__(self, model, lr, frozen=(), betas=(.9, .95),
                 weight_decay=.01):
        """frozen: beginnings of names that nothing changes."""
        inner, rest = [], []
        for name, weight in model.named_parameters():
            if name.startswith(tuple(frozen)):
                continue
            matrix = weight.dim() > 1 and min(
                weight.shape[0], weight[0].numel()) > 8
            matrix = matrix and not name.endswith(('gamma', '_table'))
            (inner if matrix else rest).append(weight)
        self.parts = [Muon(inner, lr, weight_decay=weight_decay),
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
