"""Natural images, read from an installed package. See chapter 05, *Grids*."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gdl_utils.arguments import whole


def load_photo(name: str = "china", *, size: int = 256) -> Float[Tensor, "1 3 size size"]:
    """Load the central square of a photograph.

    Parameters
    ----------
    name : {"china", "flower"}
        A temple roof, or a dahlia.
    size : int
        Pixels a side, at most 426; resized with anti-aliasing.

    Returns
    -------
    Tensor, (1, 3, size, size)
        float32, red, green and blue in [0, 1] (sRGB).

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn, the package that carries the photographs, is not installed.
    ValueError
        If the name is unknown, or ``size`` is not between 8 and 426.

    Notes
    -----
    From scikit-learn (BSD-3). ``china`` by danielbuechele, ``flower`` by vultilion, both Flickr,
    CC BY 2.0. Chapter 05, *Grids*.
    """
    if name not in ("china", "flower"):
        raise ValueError(f"name must be 'china' or 'flower', got {name!r}")
    size = whole("size", size)
    if not 8 <= size <= 426:
        raise ValueError(f"size must be between 8 and 426, got {size}")
    try:
        from PIL import Image
        from sklearn.datasets import load_sample_image
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the photographs come with scikit-learn: pip install 'gdl-utils[data]'"
        ) from error
    pixels = load_sample_image(f"{name}.jpg")
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    resized = np.asarray(square.resize((size, size), Image.Resampling.LANCZOS))
    return torch.from_numpy(resized.copy()).permute(2, 0, 1)[None].float() / 255
