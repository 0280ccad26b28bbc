"""Pictures: whole PNGs of the size that was asked for, the same for the same figures, embedded in metadata."""

from __future__ import annotations

import base64
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from monps_platform.domain.intervals import Rate
from monps_platform.domain.scoring_rules import Bin
from monps_platform.orchestration.pictures.calibration import calibration_picture
from monps_platform.orchestration.pictures.canvas import embedded, png
from monps_platform.settings import PROJECT_ROOT

LARGEST = 60_000


def chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG, whose checksums must hold."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + body),)
        yield kind, body
        at += 12 + length


def size(picture: bytes) -> tuple[int, int]:
    """Width and height in pixels of a whole PNG."""
    kinds = list(chunks(picture))
    assert (kinds[0][0], kinds[-1][0]) == (b"IHDR", b"IEND")
    width, height = struct.unpack(">II", kinds[0][1][:8])
    return width, height


def bins(count: int = 10, shift: float = 0.0) -> list[Bin]:
    """Bins of forecasts, the last without an interval."""
    middles = [(at + 0.5) / count for at in range(count)]
    return [
        Bin(
            middle - 0.5 / count,
            middle + 0.5 / count,
            middle,
            Rate(middle + shift, middle - 0.04, min(1.0, middle + 0.04), 900, 900)
            if at < count - 1
            else Rate(1.0, None, None, 1, 1),
            1000 - 90 * at,
        )
        for at, middle in enumerate(middles)
    ]


def test_a_picture_is_a_png_of_150_dots_per_inch() -> None:
    made = png(lambda figure: figure.subplots().set_title("one"), width=3, height=2)
    assert size(made) == (450, 300)


def test_the_calibration_of_two_forecasters_is_a_small_png_and_quickly_drawn() -> None:
    given = [("goal model", bins()), ("closing market", bins(shift=0.02))]
    began = time.process_time()
    made = calibration_picture(given, "Calibration on 18,000 matches, 2012-13 to 2021-22")
    assert time.process_time() - began < 2
    assert size(made) == (720, 780)
    assert len(made) < LARGEST
    assert made == calibration_picture(given, "Calibration on 18,000 matches, 2012-13 to 2021-22")
    assert made != calibration_picture(given[:1], "Calibration on 18,000 matches, 2012-13 to 2021-22")


def test_the_ends_of_the_intervals_are_drawn() -> None:
    given = bins()
    share = given[3].happened
    pictures = {calibration_picture([("goal model", given)], "one")}
    for other in (replace(share, low=0.2), replace(share, high=0.6)):
        changed = [*given[:3], replace(given[3], happened=other), *given[4:]]
        pictures.add(calibration_picture([("goal model", changed)], "one"))
    assert len(pictures) == 3


def test_drawing_leaves_the_style_of_the_process_alone() -> None:
    before = dict(mpl.rcParams)

    def draw(figure: Figure) -> None:
        assert mpl.rcParams["axes.spines.top"] is False
        figure.subplots()

    png(draw, 1, 1)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("given", [bins(1), bins(2)[:1]], ids=["no interval", "one bin"])
def test_few_bins_can_be_drawn(given: list[Bin]) -> None:
    assert size(calibration_picture([("goal model", given)], "one"))


def test_an_embedded_picture_is_all_in_the_markdown() -> None:
    made = png(lambda figure: figure.subplots().set_title("one"), width=1, height=1)
    markdown = embedded(made, "what it shows").value
    assert markdown is not None
    head, data = markdown.rstrip(")").split("base64,")
    assert head == "![what it shows](data:image/png;"
    assert base64.b64decode(data, validate=True) == made


def test_matplotlib_is_not_imported_before_something_is_drawn() -> None:
    code = "import sys, monps_platform.orchestration.judging; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0
