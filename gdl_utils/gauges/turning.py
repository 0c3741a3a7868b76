"""Turning the features at every edge, in one pass and differentiable. See chapter 09, *Gauges*."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function

from gdl_utils.tensors import lasting


def turn(
    x: Float[Tensor, "e o c"],
    still: Float[Tensor, "e 1"],
    cosine: Float[Tensor, "e m"],
    sine: Float[Tensor, "e m"],
) -> Float[Tensor, "e o c"]:
    r"""Turn the pairs at each edge by an angle, and scale the scalars.

    :math:`(a, b) \mapsto (a c - b s,\ a s + b c)` for the cosine c and the sine s of the pair's
    order.

    Parameters
    ----------
    x : Tensor, (E, 2m + 1, C)
        At each edge the scalars, then the pairs of order 1 to m, for every channel.
    still : Tensor, (E, 1)
        The factor of the scalars.
    cosine, sine : Tensor, (E, m)

    Returns
    -------
    Tensor, (E, 2m + 1, C)

    Notes
    -----
    Chapter 09, *Gauges*. Differentiable in all four.
    """
    if not torch.compiler.is_compiling():
        return Turn.apply(x, still, cosine, sine)
    a, b, c, s = x[:, 1::2], x[:, 2::2], cosine[..., None], sine[..., None]
    pairs = torch.stack([a * c - b * s, a * s + b * c], 2).flatten(1, 2)
    return torch.cat([x[:, :1] * still[..., None], pairs], 1)


class Turn(Function):
    """What :func:`turn` does, without storing a copy of every factor. Chapter 09, *Gauges*."""

    @staticmethod
    def forward(x, still, cosine, sine):
        y = torch.empty_like(x)
        torch.mul(x[:, 0], still, out=y[:, 0])
        for k in range(cosine.shape[1]):
            a, b = x[:, 2 * k + 1], x[:, 2 * k + 2]
            c, s = cosine[:, k, None], sine[:, k, None]
            torch.mul(a, c, out=y[:, 2 * k + 1]).addcmul_(b, s, value=-1)
            torch.mul(a, s, out=y[:, 2 * k + 2]).addcmul_(b, c)
        return y

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, *waves = inputs
        wanted = any(wave.requires_grad for wave in waves)
        ctx.save_for_backward(x if wanted else None, *waves)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        x, still, cosine, sine = ctx.saved_tensors
        back = (None, None, None)
        if x is not None:
            (a, b), (p, q) = (t[:, 1:].unflatten(1, (-1, 2)).unbind(2) for t in (x, gradient))
            scalar = (x[:, 0] * gradient[:, 0]).sum(-1, keepdim=True)
            back = (scalar, (a * p + b * q).sum(-1), (a * q - b * p).sum(-1))
        return Turn.apply(gradient, still, cosine, -sine), *back

    @staticmethod
    def jvp(ctx, x_change, *changes):
        x, *waves = ctx.saved_tensors
        parts = [] if x_change is None else [Turn.apply(x_change, *waves)]
        if any(change is not None for change in changes):
            changes = [torch.zeros_like(w) if c is None else c for w, c in zip(waves, changes)]
            parts.append(Turn.apply(x, *changes))
        return sum(parts)

    @staticmethod
    def vmap(info, in_dims, x, *waves):
        x = x.unsqueeze(0).expand(info.batch_size, *x.shape) if in_dims[0] is None else x
        if in_dims[1:] == (None, None, None):  # the same angles for the whole batch: more channels
            x = x.movedim(in_dims[0] or 0, 2)
            return Turn.apply(x.flatten(2), *waves).unflatten(2, x.shape[2:]), 2
        edges = [
            wave.expand(info.batch_size, *wave.shape) if dim is None else wave.movedim(dim, 0)
            for wave, dim in zip(waves, in_dims[1:])
        ]
        x = x.movedim(in_dims[0] or 0, 0)
        y = Turn.apply(x.flatten(0, 1), *(wave.flatten(0, 1) for wave in edges))  # more edges
        return y.unflatten(0, x.shape[:2]), 0


def finite_angles(name: str, value: Tensor, count: int) -> Tensor:
    """Return ``count`` angles as they are, lasting.

    Raises
    ------
    ValueError
        If it is not a tensor (count,) of floats, or one is not finite; values are not looked at on
        the meta device and within ``torch.compile``.

    Notes
    -----
    Chapter 09, *Gauges*.
    """
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} must be a Tensor, got {type(value).__name__}")
    angles = lasting(value)
    valued = not (angles.is_meta or torch.compiler.is_compiling())
    fits = angles.shape == (count,) and angles.is_floating_point()
    if not fits or (valued and not torch.isfinite(angles).all()):
        got = f"{tuple(angles.shape)} {angles.dtype}"
        raise ValueError(f"{name} must be {count} finite angles, got {got}")
    return angles
