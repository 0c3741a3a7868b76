"""Tensors that a layer computes from its settings, and that are right wherever the layer goes.

A filter of fixed weights, or the order in which a filter is read when it is turned, is not a
weight: it does not belong into a ``state_dict``, must not lose digits when the layer visits half
precision, and must be right after ``to_empty``, from which only a ``state_dict`` brings weights
back. See chapter 05, *Grids*.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Constants(nn.Module):
    """A module with tensors that follow from its settings alone.

    They are buffers outside of the ``state_dict``, made in :meth:`constants`. They follow the
    module from device to device, but whenever it is moved they are made anew: never cast, and never
    left empty. Chapter 05, *Grids*.
    """

    def constants(self) -> dict[str, Tensor]:
        """Return the tensors by name, in the type that they should keep."""
        raise NotImplementedError

    def make_constants(self, device: torch.device | None = None) -> None:
        """Make them on a device; the default one unless given. To be called when all is set."""
        device = torch.empty(0).device if device is None else device
        with torch.device("cpu"), torch.inference_mode(False):
            for name, value in self.constants().items():
                self.register_buffer(name, value.to(device), persistent=False)

    def _apply(self, fn: Callable, recurse: bool = True) -> Constants:
        """What ``to``, ``half``, ``to_empty`` and their like come down to."""
        super()._apply(fn, recurse)
        self.make_constants(next(self.buffers(recurse=False)).device)
        return self

    def _load_from_state_dict(self, state_dict: dict, prefix: str, metadata: dict, *rest) -> None:
        """With ``assign=True`` the weights leave the meta device, and the constants with them."""
        super()._load_from_state_dict(state_dict, prefix, metadata, *rest)
        devices = [x.device for x in state_dict.values() if isinstance(x, Tensor)]
        if metadata.get("assign_to_params_buffers") and next(self.buffers(recurse=False)).is_meta:
            self.make_constants(devices[0] if devices else torch.device("cpu"))
