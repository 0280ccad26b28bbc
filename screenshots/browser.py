"""A Chromium without a display, driven by its DevTools protocol.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (domains Target, Page, Runtime, Emulation).
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What distributions call the program."""
PATIENCE = 60.0
"""Seconds that a page may take until it shows what is waited for."""
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
)
_MIDDLE_OF = """(() => {
    const all = [...document.querySelectorAll('body *')];
    const found = all.filter(it => it.innerText && it.innerText.trim() === TEXT).pop();
    if (!found) return null;
    found.scrollIntoView({block: 'center'});
    const box = found.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})()"""
_LARGEST = 64 * 1024 * 1024
_POLL = 0.2


class PageError(RuntimeError):
    """A page that does not show what was waited for; the message says what and where."""


def find_browser() -> Path | None:
    """The program, where there is one."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return None if found is None else Path(found)


@contextmanager
def open_page(program: Path, width: int, height: int) -> Iterator[Page]:
    """A page of a size in pixels, in a browser of its own that ends with it."""
    with tempfile.TemporaryDirectory(prefix="monps-browser-", ignore_cleanup_errors=True) as profile:
        command = [str(program), *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(Path(profile)), max_size=_LARGEST) as connection:
                page = Page(connection)
                page.attach(width, height)
                yield page
        finally:
            process.terminate()
            process.wait(10)


def _address(profile: Path) -> str:
    """Where the browser listens, on loopback: it writes port and path into its profile."""
    file, deadline = profile / "DevToolsActivePort", time.monotonic() + PATIENCE
    while not file.is_file() or len(lines := file.read_text().split()) < 2:
        if time.monotonic() > deadline:
            raise PageError(f"the browser did not start within {PATIENCE:g} s")
        time.sleep(_POLL)
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}"


@dataclass
class Page:
    """A tab."""

    connection: ClientConnection
    session: str | None = None
    numbers: Iterator[int] = field(default_factory=count)

    def attach(self, width: int, height: int) -> None:
        """Open a tab of a size in pixels."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._call("Page.enable")

    def open(self, url: str) -> None:
        """Go to an address."""
        self._call("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is."""
        return self._call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_for(self, text: str) -> None:
        """Return when a text is on the page, and nothing is loading any more; raises PageError after PATIENCE."""
        shown = f"document.body && document.body.innerText.includes({json.dumps(text)})"
        self.wait_until(shown, f"the text {text!r}")

    def wait_until(self, expression: str, what: str) -> None:
        """Return when an expression holds; raises PageError after PATIENCE."""
        deadline = time.monotonic() + PATIENCE
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise PageError(f"{self.value('location.href')} did not show {what} within {PATIENCE:g} s")
            time.sleep(_POLL)

    def click(self, text: str) -> bool:
        """Click the innermost thing with just this text, as a mouse does; False where there is none."""
        found = self.value(_MIDDLE_OF.replace("TEXT", json.dumps(text)))
        if found is None:
            return False
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=found[0], y=found[1], button="left", clickCount=1)
        return True

    def picture(self) -> bytes:
        """What the page looks like, as a PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        self.connection.send(json.dumps(message | ({"sessionId": self.session} if self.session else {})))
        while True:
            answer = json.loads(self.connection.recv(timeout=PATIENCE))
            if answer.get("id") == number:
                if "error" in answer:
                    raise PageError(f"the browser refused {method}: {answer['error'].get('message')}")
                return dict(answer["result"])
