"""Take the pictures of the UI that the documentation shows: `make screenshots`, on a platform that holds data.

Starts `monps ui` on a free port, unless ``--url`` says where one is running. Needs Chromium, on Debian and Ubuntu
`apt install chromium`.
"""

from __future__ import annotations

import argparse
import io
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from screenshots.browser import Page, PageError, find_browser, open_page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images" / "ui"
WIDTH = 1500
_HOST = "127.0.0.1"
_SETTLED = 1.5
"""Seconds for what moves into place after its text is there."""
_START = 180.0


@dataclass(frozen=True)
class Shot:
    """A picture: the page's address, a text that it must show, what is clicked then, and its height in pixels."""

    name: str
    path: str
    shows: str
    clicks: tuple[str, ...] = ()
    height: int = 1000


def _drawn(name: str, asset: str) -> Shot:
    """The picture among the metadata of an asset's newest materialisation."""
    return Shot(name, f"assets/{asset}?view=events", "picture", ("[Show Markdown]",), 1100)


SHOTS = (
    Shot("lineage", "assets/goalscorer_profiles?view=lineage&lineageScope=upstream&lineageDepth=9", "team_identities"),
    Shot("checks", "assets/matches?view=checks", "finished_seasons_are_complete"),
    Shot("shots", "assets/shots?view=checks", "shots_schema_matches_models"),
    Shot("forecasts", "assets/match_forecasts?view=checks&checkDetail=forecasts_are_calibrated", "calibration_error"),
    Shot("picks", "assets/tracking_clv_picks?view=events", "Materialized in run"),
    _drawn("profiles", "chess_classifications"),
    _drawn("dna", "team_quantum_dna"),
    _drawn("strategies", "quantum_strategies"),
    _drawn("friction", "quantum_friction_matrix"),
    _drawn("goalscorers", "goalscorer_profiles"),
    Shot("health", "assets/database_health?view=events", "Materialized in run"),
    Shot("automation", "automation", "health_sweep"),
    Shot("jobs", "jobs", "refresh_job"),
)


def take(page: Page, url: str, shot: Shot) -> bytes:
    """One picture, as a PNG; raises PageError when the page does not show what it should."""
    page.open(f"{url}/{shot.path}")
    page.wait_for(shot.shows)
    time.sleep(_SETTLED)
    for text in shot.clicks:
        if not page.click(text):
            raise PageError(f"{url}/{shot.path} has nothing to click that says {text!r}")
        time.sleep(_SETTLED)
    return page.picture()


@contextmanager
def _ui() -> Iterator[str]:
    """The UI of this machine's platform, as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "monps"), "ui", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _await(process, port)
        yield f"http://{_HOST}:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(0.5)
    raise SystemExit("monps ui did not start: run it by itself to see why")


def main(arguments: Sequence[str] | None = None) -> None:
    """Take all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="address of a running UI; none: start one")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(shot.name for shot in SHOTS)}; none: all")
    options = parser.parse_args(arguments)
    if (browser := find_browser()) is None:
        parser.exit(1, "no Chromium was found: on Debian and Ubuntu, apt install chromium\n")
    if unknown := set(options.names) - {shot.name for shot in SHOTS}:
        parser.error(f"there is no picture called {', '.join(sorted(unknown))}")
    chosen = [shot for shot in SHOTS if not options.names or shot.name in options.names]
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.url:
        _take_all(browser, options.url.rstrip("/"), chosen, options.folder)
        return
    with _ui() as url:
        _take_all(browser, url, chosen, options.folder)


def _take_all(browser: Path, url: str, shots: Sequence[Shot], folder: Path) -> None:
    for at, shot in enumerate(shots, start=1):
        with open_page(browser, WIDTH, shot.height) as page:
            (folder / f"{shot.name}.png").write_bytes(_small(take(page, url, shot)))
        print(f"{at} of {len(shots)}: {shot.name}")


def _small(picture: bytes) -> bytes:
    """With a palette, which pages of text do not suffer from: a third of the bytes."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        palette = image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
        palette.save(written, format="png", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
