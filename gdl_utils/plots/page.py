"""What a figure in a page is made of: PNGs as addresses, quoted texts, sources without comments.

Live figures and surfaces in 3D both stand in the page with all that they need.
"""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from typing import Any

LIMIT = 200_000
"""Bytes of a figure, its still included."""


def encode(image: Any, colors: int | None = None) -> bytes:
    """Write an image as PNG, with a palette if a number of colours is given.

    Parameters
    ----------
    image : PIL.Image.Image or array of uint8
        An array (H, W, 4) keeps its transparency.
    colors : int
        How many colours are kept.
    """
    from PIL import Image

    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if colors is not None and image.mode == "RGBA":
        method = Image.Quantize.FASTOCTREE  # the one that keeps transparency
        image = image.quantize(colors, method=method, dither=Image.Dither.NONE)
    elif colors is not None:
        image = image.convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def encode_webp(image: Any, colors: int) -> bytes:
    """Write an image as WebP with a few colors, without any other loss.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB, or RGBA, whose colors are those of its visible pixels.
    colors : int
        How many are kept.
    """
    import numpy as np
    from PIL import Image

    flat, file = image.convert("RGB"), io.BytesIO()
    if image.mode != "RGBA":
        few = flat.quantize(colors, dither=Image.Dither.NONE).convert("RGB")
    else:
        alpha = np.asarray(image)[..., 3]
        seen = np.asarray(flat)[alpha > 127][None]
        how = {"method": Image.Quantize.MEDIANCUT, "kmeans": 2, "dither": Image.Dither.NONE}
        few = flat if seen.size == 0 else flat.quantize(
            palette=Image.fromarray(seen).quantize(colors, **how), dither=Image.Dither.NONE
        ).convert("RGB")  # fmt: skip
        steps = (alpha.astype(int) + 8) // 17 * 17
        few.putalpha(Image.fromarray(steps.astype(np.uint8)))
    few.save(file, "WEBP", lossless=True, quality=80, method=4)
    return file.getvalue()


def data_address(image: bytes) -> str:
    """Put a PNG or a WebP into the address of an image."""
    kind = "webp" if image[8:12] == b"WEBP" else "png"
    return f"data:image/{kind};base64," + base64.b64encode(image).decode("ascii")


def quoted(text: str) -> str:
    """A text as the value of an attribute, on one line."""
    return html.escape(" ".join(text.split()), quote=True)


def source(path: Path) -> str:
    """Read a script or a style sheet, without its comment lines and its indentation."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def bundle(markup: str, still: bytes, text: str) -> dict[str, str]:
    """A notebook's display data: the figure, its still, and a text."""
    png = base64.b64encode(still).decode("ascii")
    return {"text/html": markup, "image/png": png, "text/plain": text}
