"""What all pictures share: drawn by matplotlib without a display, embedded in Markdown metadata."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150
WIDEST = 1140
"""Pixels that the window in which the UI shows Markdown has room for."""
BLUE, VERMILLION, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#767676"
"""Colours that stay apart for colour-blind readers (Okabe & Ito 2008)."""

_COLOURS = 128
_STYLE: Mapping[Any, Any] = MappingProxyType(
    {
        "axes.axisbelow": True,
        "axes.edgecolor": GREY,
        "axes.facecolor": "white",
        "axes.grid": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10.5,
        "figure.facecolor": "white",
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "grid.color": "#E6E6E6",
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "xtick.color": "#444444",
        "ytick.color": "#444444",
    }
)


def png(draw: Callable[[Figure], object], width: float = 6.0, height: float = 4.0) -> bytes:
    """What ``draw`` puts on a white figure of a size in inches, as a PNG of 150 dpi, or of fewer where it would be too
    wide; equal input gives equal bytes.
    """
    # Its import looks for fonts and writes what it found: not while the definitions are built.
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(dict(_STYLE)):
        figure = Figure(figsize=(width, height), dpi=min(DPI, WIDEST / width), layout="constrained")
        draw(figure)
        written = io.BytesIO()
        figure.savefig(written, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True})
    return written.getvalue()


def small_png(draw: Callable[[Figure], object], width: float, height: float) -> bytes:
    """The same with 128 colours, for pictures full of text and shades: about a third of the bytes."""
    # Comes with matplotlib, and is as slow to import.
    from PIL import Image  # noqa: PLC0415

    written = io.BytesIO()
    with Image.open(io.BytesIO(png(draw, width, height))) as picture:
        # A few points of one colour must keep it among thousands of another.
        picture.convert("RGB").quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE).save(
            written, format="png", optimize=True
        )
    return written.getvalue()


def data_url(picture: bytes) -> str:
    """A PNG as an address that holds all of it."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"


def embedded(picture: bytes, title: str) -> dg.MarkdownMetadataValue:
    """A PNG as metadata that holds all of it."""
    return dg.MetadataValue.md(f"![{title}]({data_url(picture)})")
