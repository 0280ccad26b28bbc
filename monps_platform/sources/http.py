"""The one HTTP client: conditional, polite, bounded, and clear about what failed and whether to try again."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from monps_platform import __version__
from monps_platform.sources.errors import FetchError, NotPublishedError, PermanentFetchError, TransientFetchError

logger = logging.getLogger(__name__)

USER_AGENT = f"monps_platform/{__version__} (football odds data platform; one request at a time)"
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING_STATUS = frozenset({404, 410})
_OK = 200
_NOT_MODIFIED = 304
_LARGEST_BODY = 64 * 1024 * 1024
_LONGEST_PAUSE = 60.0
_CHUNK = 1 << 16
_QUERY = re.compile(r"\?[^\s\"']+")
_ERROR_CODE = re.compile(rb'"error_code"\s*:\s*"([A-Z_]{1,60})"')
_MOST_OF_ERROR = 4096
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Response:
    """A fetched body with what a later conditional request needs, and all headers, their names in lower case."""

    body: bytes
    etag: str | None
    last_modified: str | None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False, compare=False)


class _RetryAfterError(TransientFetchError):
    def __init__(self, message: str, seconds: float | None) -> None:
        super().__init__(message)
        self.seconds = seconds


class _WithoutQueries(logging.Filter):
    """urllib3 logs the address of every request: what it asks with may be a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?...", record.getMessage()), ()
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutQueries())


def without_credentials(url: str) -> str:
    """A URL fit for logs and tables: no user, password or query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class HttpClient:
    """Fetches files, one request at a time, with a pause between two requests to a server that is not this machine.

    ``timeout`` and ``interval`` are seconds; ``retries`` are further tries after a transient failure, with doubled
    pauses or the server's own Retry-After, one minute at most. ``sleep`` and ``clock`` are for tests.
    """

    def __init__(
        self,
        *,
        timeout: float = 20.0,
        retries: int = 4,
        interval: float = 0.5,
        first_pause: float = 0.5,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        self._retries = retries
        self._interval = interval
        self._first_pause = first_pause
        self._sleep = sleep
        self._clock = clock
        self._last_request: dict[str, float] = {}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response | None:
        """Fetch a URL; None when it has not changed since ``etag`` or ``last_modified``. Cookies that the server sets
        are sent back to it; ``headers`` are those that it wants beside the usual ones. ``params`` join the URL as its
        query when it is asked for, and stand in no message: they may hold a key. Then no redirect is followed, so that
        no other server is told the key.

        Raises NotPublishedError (404, 410), PermanentFetchError (any other answer that is not the whole file, redirects
        that go nowhere, bodies beyond 64 MiB) and, after the last try, TransientFetchError (5xx, 408, 425, 429,
        time-out, broken connection).
        """
        marks = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        wanted = {**(headers or {}), **{name: value for name, value in marks.items() if value is not None}}
        for attempt in range(self._retries + 1):
            try:
                return self._once(url, wanted, params)
            except TransientFetchError as error:
                if attempt == self._retries:
                    raise error.after(attempt + 1) from error
                pause = self._pause(attempt, error)
                logger.warning("%s; trying again in %.1f s", error, pause)
                self._sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    def post_json(self, url: str, document: Mapping[str, Any]) -> None:
        """Send a document to an address that is itself a secret: errors name the server alone.

        Tried once: whoever calls it tries again later. Raises PermanentFetchError (4xx, redirects) and
        TransientFetchError (5xx, 408, 425, 429, time-out, broken connection).
        """
        name = urlsplit(url).hostname or "the address"
        try:
            with self._session.post(
                url, json=document, timeout=self._timeout, allow_redirects=False, stream=True
            ) as answer:
                if not answer.ok or answer.is_redirect:
                    kind = TransientFetchError if _is_transient(answer.status_code) else PermanentFetchError
                    raise kind(f"{name}: HTTP {answer.status_code} {answer.reason}")
        except (requests.Timeout, requests.ConnectionError) as error:
            raise TransientFetchError(f"{name}: {_reason(error)}") from None
        except requests.RequestException as error:
            raise PermanentFetchError(f"{name}: {_reason(error)}") from None

    def is_reachable(self, url: str) -> bool:
        """Whether the server answers at all, whatever it says: one short request, tried twice."""
        for _ in range(2):
            try:
                self._session.head(url, timeout=min(self._timeout, 5.0), allow_redirects=False)
            except requests.RequestException:
                continue
            return True
        return False

    def _pause(self, attempt: int, error: TransientFetchError) -> float:
        asked = error.seconds if isinstance(error, _RetryAfterError) else None
        return min(_LONGEST_PAUSE, self._first_pause * 2**attempt if asked is None else asked)

    def _once(self, url: str, headers: dict[str, str], params: Mapping[str, str] | None) -> Response | None:
        self._be_polite(url)
        name = without_credentials(url)
        try:
            with self._session.get(
                url,
                headers=headers,
                params=params,
                timeout=self._timeout,
                stream=True,
                allow_redirects=params is None,
            ) as answer:
                if answer.status_code == _NOT_MODIFIED:
                    return None
                _raise_for_status(answer, name)
                body, said = self._body(answer, name), _lowered(answer.headers)
                return Response(body, said.get("etag"), said.get("last-modified"), said)
        except (requests.Timeout, requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise TransientFetchError(f"{name}: {_reason(error)}") from None
        except requests.RequestException as error:
            raise PermanentFetchError(f"{name}: {_reason(error)}") from None

    def _body(self, answer: requests.Response, name: str) -> bytes:
        """The whole body within the time and size that are allowed."""
        deadline = self._clock() + 10 * self._timeout
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > _LARGEST_BODY:
                raise PermanentFetchError(f"{name}: the body is larger than {_LARGEST_BODY // 2**20} MiB")
            if self._clock() > deadline:
                raise TransientFetchError(f"{name}: the body took longer than {10 * self._timeout:.0f} s")
        return b"".join(parts)

    def _be_polite(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if host in _LOOPBACK:
            return
        wait = self._last_request.get(host, -self._interval) + self._interval - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._last_request[host] = self._clock()


def _raise_for_status(answer: requests.Response, name: str) -> None:
    if answer.status_code == _OK:
        return
    status = f"{name}: HTTP {answer.status_code} {answer.reason}{_error_code(answer)}"
    error = _error(answer, status)
    error.status, error.headers = answer.status_code, _lowered(answer.headers)
    raise error


def _error(answer: requests.Response, status: str) -> FetchError:
    if answer.status_code in _MISSING_STATUS:
        return NotPublishedError(status)
    if _is_transient(answer.status_code):
        return _RetryAfterError(status, _retry_after(answer))
    return PermanentFetchError(status)


def _error_code(answer: requests.Response) -> str:
    """What a JSON service says was wrong, in its own code; never its words, which may repeat what it was asked."""
    try:
        code = _ERROR_CODE.search(next(answer.iter_content(_MOST_OF_ERROR), b""))
    except requests.RequestException:
        return ""
    return "" if code is None else f" ({code[1].decode()})"


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _is_transient(status: int) -> bool:
    return status in _TRANSIENT_STATUS or status >= 500


def _retry_after(answer: requests.Response) -> float | None:
    """Seconds until the server wants to be asked again; an instant counts from the server's own clock."""
    after = answer.headers.get("Retry-After", "")
    if re.fullmatch("[0-9]{1,9}", after):
        return float(after)
    try:
        instant = parsedate_to_datetime(after) - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, instant.total_seconds())


def _reason(error: Exception) -> str:
    """What went wrong in a few words; requests' own texts repeat the URL, which may carry a credential."""
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off before the end of the file"
    if isinstance(error, requests.ConnectionError):
        return "cannot connect to the server, or it hung up"
    return type(error).__name__
