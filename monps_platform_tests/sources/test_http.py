"""The HTTP client: conditional, polite, bounded, and clear about what failed and whether to try again."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from monps_platform import __version__
from monps_platform.sources import http
from monps_platform.sources.errors import (
    NotPublishedError,
    PermanentFetchError,
    SourceError,
    TransientFetchError,
    UnreadableFileError,
)
from monps_platform.sources.http import HttpClient, Response, without_credentials
from monps_platform_tests.conftest import Answer, Mirror

_PATH = "mmz4281/2122/E0.csv"
_URL = f"http://127.0.0.1/{_PATH}"
_BODY = b"Div,Date,HomeTeam,AwayTeam\r\n"
_SECRET = "hunter2"


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    now: float = 1_000.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(time: Time) -> Iterator[HttpClient]:
    with closing(HttpClient(retries=3, first_pause=0.5, sleep=time.sleep, clock=time.clock)) as made:
        yield made


class _Adapter(requests.adapters.BaseAdapter):
    """Answers without a network: with what it is told in turn, the last for ever; and notes when it was asked."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time
        self.answers = [Answer(status=404)]
        self.asked: list[float] = []

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        self.asked.append(self.time.now)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer = requests.Response()
        answer.status_code, answer.request, answer.raw = said.status, request, io.BytesIO(said.body)
        answer.headers.update(said.headers)
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def adapter(time: Time, monkeypatch: pytest.MonkeyPatch) -> _Adapter:
    made = _Adapter(time)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: made)
    return made


@contextmanager
def _single_try(**settings: Any) -> Iterator[HttpClient]:
    with closing(HttpClient(retries=0, **settings)) as made:
        yield made


@contextmanager
def _server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that treats every connection as told; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/{_PATH}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    for connection in connections:
        connection.close()


def test_a_body_comes_verbatim_with_what_the_next_request_needs(client: HttpClient, mirror: Mirror) -> None:
    body = b"\xef\xbb\xbfDiv,\r\n\xe9\x00\r"
    changed = "Sat, 14 Aug 2021 20:00:00 GMT"
    mirror.serve(_PATH, Answer(body, headers={"ETag": '"v1"', "Last-Modified": changed}))
    assert client.get(f"{mirror.url}/{_PATH}") == Response(body, '"v1"', changed)


def test_a_server_that_names_no_version_gives_none(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve(_PATH, _BODY)
    assert client.get(f"{mirror.url}/{_PATH}") == Response(_BODY, None, None)
    _, headers = mirror.requests[0]
    assert not {"if-none-match", "if-modified-since"} & headers.keys()


def test_a_file_that_has_not_changed_is_not_fetched_again(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve(_PATH, Answer(_BODY, headers={"ETag": '"v1"'}))
    assert client.get(f"{mirror.url}/{_PATH}", etag='"v1"') is None
    answer = client.get(f"{mirror.url}/{_PATH}", etag='"v0"')
    assert answer is not None
    assert answer.body == _BODY


def test_the_time_of_the_last_version_is_told_to_the_server(client: HttpClient, mirror: Mirror) -> None:
    changed = "Sat, 14 Aug 2021 20:00:00 GMT"
    mirror.serve(_PATH, Answer(status=304))
    assert client.get(f"{mirror.url}/{_PATH}", last_modified=changed) is None
    assert [headers["if-modified-since"] for _, headers in mirror.requests] == [changed]


def test_headers_that_are_asked_for_are_sent_beside_the_marks_of_a_version(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve(_PATH, Answer(_BODY, headers={"ETag": '"v1"'}))
    assert client.get(f"{mirror.url}/{_PATH}", etag='"v1"', headers={"X-Requested-With": "XMLHttpRequest"}) is None
    client.get(f"{mirror.url}/{_PATH}")
    (_, asked), (_, plain) = mirror.requests
    assert (asked["x-requested-with"], asked["if-none-match"]) == ("XMLHttpRequest", '"v1"')
    assert "x-requested-with" not in plain


def test_cookies_that_a_server_sets_are_sent_back_to_it(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve("page", Answer(b"<html>", headers={"Set-Cookie": "id=q7; Path=/"}))
    mirror.serve(_PATH, _BODY)
    for path in ("page", _PATH):
        client.get(f"{mirror.url}/{path}")
    assert [headers.get("cookie") for _, headers in mirror.requests] == [None, "id=q7"]


def test_a_request_says_who_asks(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve(_PATH, _BODY)
    client.get(f"{mirror.url}/{_PATH}")
    assert mirror.requests[0][1]["user-agent"].startswith(f"monps_platform/{__version__} ")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507, 599])
def test_a_servers_trouble_is_tried_again_with_doubled_pauses_and_then_given_up(
    status: int, client: HttpClient, adapter: _Adapter, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    adapter.answers = [Answer(status=status)]
    with pytest.raises(TransientFetchError) as caught:
        client.get(_URL)
    assert f"{_URL}: HTTP {status}" in str(caught.value)
    assert str(caught.value).endswith("gave up after 4 tries")
    assert len(adapter.asked) == 4
    assert time.pauses == [0.5, 1.0, 2.0]
    assert len([record for record in caplog.records if record.name == http.logger.name]) == 3


def test_a_status_of_a_real_server_is_told_with_its_reason(client: HttpClient, mirror: Mirror) -> None:
    with pytest.raises(NotPublishedError, match=f"{_PATH}: HTTP 404 Not Found"):
        client.get(f"{mirror.url}/{_PATH}")


def test_a_server_that_recovers_gives_the_file(client: HttpClient, mirror: Mirror, time: Time) -> None:
    mirror.serve(_PATH, Answer(status=503), Answer(status=500), Answer(_BODY))
    answer = client.get(f"{mirror.url}/{_PATH}", etag='"v1"')
    assert answer is not None
    assert answer.body == _BODY
    assert time.pauses == [0.5, 1.0]
    assert [headers["if-none-match"] for _, headers in mirror.requests] == ['"v1"'] * 3


@pytest.mark.parametrize(
    ("asked", "pause"), [("7", 7.0), ("0", 0.0), ("3600", 60.0), ("soon", 0.5), ("-1", 0.5), ("²", 0.5)]
)
def test_a_server_that_names_a_pause_gets_it_up_to_a_minute(
    asked: str, pause: float, client: HttpClient, adapter: _Adapter, time: Time
) -> None:
    adapter.answers = [Answer(status=429, headers={"Retry-After": asked}), Answer(_BODY)]
    assert client.get(_URL) is not None
    assert time.pauses == [pause]


@pytest.mark.parametrize(("later", "pause"), [(7, 7.0), (-7, 0.0), (3600, 60.0)])
def test_a_pause_named_as_an_instant_counts_from_the_servers_own_clock(
    later: int, pause: float, client: HttpClient, adapter: _Adapter, time: Time
) -> None:
    now = datetime(2021, 8, 14, 20, tzinfo=UTC)
    until = now + timedelta(seconds=later)
    headers = {"Date": format_datetime(now, usegmt=True), "Retry-After": format_datetime(until, usegmt=True)}
    adapter.answers = [Answer(status=503, headers=headers), Answer(_BODY)]
    assert client.get(_URL) is not None
    assert time.pauses == [pause]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotPublishedError),
        (410, NotPublishedError),
        (400, PermanentFetchError),
        (401, PermanentFetchError),
        (403, PermanentFetchError),
        (405, PermanentFetchError),
        (451, PermanentFetchError),
        (204, PermanentFetchError),
        (206, PermanentFetchError),
        (300, PermanentFetchError),
        (302, PermanentFetchError),
    ],
)
def test_a_refusal_is_not_asked_for_again(
    status: int, error: type[SourceError], client: HttpClient, adapter: _Adapter, time: Time
) -> None:
    adapter.answers = [Answer(status=status)]
    with pytest.raises(error, match=f"{_PATH}: HTTP {status}") as caught:
        client.get(_URL)
    assert type(caught.value) is error
    assert (len(adapter.asked), time.pauses) == (1, [])


def test_what_failed_can_be_told_from_the_type() -> None:
    assert issubclass(NotPublishedError, PermanentFetchError)
    assert not issubclass(PermanentFetchError, TransientFetchError)
    assert not issubclass(TransientFetchError, PermanentFetchError)
    assert all(
        issubclass(error, SourceError) for error in (TransientFetchError, PermanentFetchError, UnreadableFileError)
    )


def test_a_redirect_is_followed(client: HttpClient, mirror: Mirror) -> None:
    mirror.serve("old.csv", Answer(status=301, headers={"Location": f"/{_PATH}"}))
    mirror.serve(_PATH, Answer(_BODY, headers={"ETag": '"v1"'}))
    assert client.get(f"{mirror.url}/old.csv") == Response(_BODY, '"v1"', None)


def test_a_redirect_that_leads_nowhere_is_a_refusal(client: HttpClient, mirror: Mirror, time: Time) -> None:
    mirror.serve(_PATH, Answer(status=302, headers={"Location": f"/{_PATH}"}))
    with pytest.raises(PermanentFetchError, match="TooManyRedirects"):
        client.get(f"{mirror.url}/{_PATH}")
    assert time.pauses == []


def test_a_body_that_breaks_off_is_tried_again_and_never_taken_for_whole(
    client: HttpClient, mirror: Mirror, time: Time
) -> None:
    mirror.serve(_PATH, Answer(_BODY, cut_after=10), Answer(_BODY, cut_after=0), Answer(_BODY))
    answer = client.get(f"{mirror.url}/{_PATH}")
    assert answer is not None
    assert answer.body == _BODY
    assert len(time.pauses) == 2
    mirror.serve(_PATH, Answer(_BODY, cut_after=10))
    with pytest.raises(TransientFetchError, match="broke off before the end of the file"):
        client.get(f"{mirror.url}/{_PATH}")


def test_a_server_that_does_not_answer_in_time_is_transient() -> None:
    with (
        _server(lambda _: None) as url,
        _single_try(timeout=0.05) as client,
        pytest.raises(TransientFetchError, match=f"{_PATH}: the server did not answer in time"),
    ):
        client.get(url)


def test_a_server_that_stops_in_the_middle_of_a_body_is_transient() -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nDiv,Date")

    with _server(half) as url, _single_try(timeout=0.05) as client, pytest.raises(TransientFetchError, match=_PATH):
        client.get(url)


def test_a_server_that_hangs_up_is_transient() -> None:
    with (
        _server(lambda connection: connection.close()) as url,
        _single_try() as client,
        pytest.raises(TransientFetchError, match=f"{_PATH}: cannot connect to the server, or it hung up"),
    ):
        client.get(url)


def test_a_server_that_is_not_there_is_transient(time: Time) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with closing(HttpClient(retries=1, sleep=time.sleep)) as client:
        with pytest.raises(TransientFetchError, match="gave up after 2 tries"):
            client.get(f"http://127.0.0.1:{port}/{_PATH}")
        assert not client.is_reachable(f"http://127.0.0.1:{port}/")
    assert len(time.pauses) == 1


def test_a_body_that_trickles_in_for_ever_is_given_up(mirror: Mirror) -> None:
    mirror.serve(_PATH, _BODY)
    hours = iter(range(0, 1_000_000, 3600))
    with (
        _single_try(clock=lambda: float(next(hours)), timeout=20.0) as client,
        pytest.raises(TransientFetchError, match="took longer than 200 s"),
    ):
        client.get(f"{mirror.url}/{_PATH}")


def test_a_body_beyond_all_measure_is_refused(
    client: HttpClient, mirror: Mirror, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_LARGEST_BODY", len(_BODY))
    mirror.serve(_PATH, _BODY)
    assert client.get(f"{mirror.url}/{_PATH}") is not None
    mirror.serve(_PATH, _BODY + b"x")
    with pytest.raises(PermanentFetchError, match=f"{_PATH}: the body is larger than"):
        client.get(f"{mirror.url}/{_PATH}")
    assert time.pauses == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x.csv", "127.0.0.1/x.csv", "http://", "http://127.0.0.1:port/x.csv"])
def test_an_address_that_is_none_is_a_refusal(url: str, client: HttpClient) -> None:
    with pytest.raises(PermanentFetchError):
        client.get(url)
    assert not client.is_reachable(url)


def _ask(client: HttpClient, *urls: str) -> None:
    for url in urls:
        with pytest.raises(NotPublishedError):
            client.get(url)


def test_two_requests_to_one_server_are_half_a_second_apart(client: HttpClient, adapter: _Adapter, time: Time) -> None:
    url = "https://mirror.example/{}.csv"
    _ask(client, url.format(1), url.format(2))
    time.now += 0.2
    _ask(client, url.format(3))
    time.now += 5
    _ask(client, url.format(4))
    assert adapter.asked == pytest.approx([1000.0, 1000.5, 1001.0, 1006.0])
    assert time.pauses == pytest.approx([0.5, 0.3])


def test_servers_do_not_wait_for_each_other_and_this_machine_for_nobody(
    client: HttpClient, adapter: _Adapter, time: Time
) -> None:
    _ask(client, "https://mirror.example/1.csv", "https://other.example/1.csv")
    _ask(client, *[f"http://{host}:8000/{at}.csv" for host in ("127.0.0.1", "localhost", "[::1]") for at in (1, 2)])
    assert time.pauses == []
    _ask(client, "https://user:pw@mirror.example:8443/2.csv")
    assert time.pauses == [0.5]


def test_the_pause_between_requests_is_a_setting(adapter: _Adapter, time: Time) -> None:
    client = HttpClient(interval=3.0, sleep=time.sleep, clock=time.clock)
    _ask(client, *["https://mirror.example/1.csv"] * 3)
    assert time.pauses == [3.0, 3.0]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://mirror.example/a/b.csv", "https://mirror.example/a/b.csv"),
        ("https://user:hunter2@mirror.example:8443/a.csv", "https://mirror.example:8443/a.csv"),
        ("https://hunter2@mirror.example/a.csv", "https://mirror.example/a.csv"),
        ("https://u:p@hunter2@mirror.example/a.csv", "https://mirror.example/a.csv"),
        ("https://mirror.example/a.csv?apiKey=hunter2&x=1#hunter2", "https://mirror.example/a.csv"),
        ("http://user:hunter2@[::1]:8000/a.csv", "http://[::1]:8000/a.csv"),
        ("http://user:hunter2@mirror.example:port/a.csv", "http://mirror.example:port/a.csv"),
    ],
)
def test_an_address_is_shown_without_user_password_or_query(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def _with_secret(url: str) -> str:
    return url.replace("://", f"://user:{_SECRET}@") + f"?apiKey={_SECRET}"


@pytest.mark.parametrize("status", [500, 404, 403, 302])
def test_a_credential_reaches_the_server_but_no_error_and_no_log(
    status: int, client: HttpClient, mirror: Mirror, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="monps_platform")
    asked = f"{_PATH}?apiKey={_SECRET}"
    mirror.serve(asked, Answer(status=status, headers={"Location": f"/{asked}"} if status == 302 else {}))
    with pytest.raises(SourceError) as caught:
        client.get(_with_secret(f"{mirror.url}/{_PATH}"))
    assert mirror.requests[0][0] == asked
    assert mirror.requests[0][1]["authorization"].startswith("Basic ")
    assert _SECRET not in _everything_said_by(caught.value)
    assert _SECRET not in caplog.text
    assert _PATH in str(caught.value)


@pytest.mark.parametrize("serve", [lambda _: None, lambda connection: connection.close()], ids=["silent", "hangs up"])
def test_a_broken_connection_tells_no_credential(
    serve: Callable[[socket.socket], None], caplog: pytest.LogCaptureFixture
) -> None:
    with (
        _server(serve) as url,
        closing(HttpClient(timeout=0.05, retries=1, first_pause=0.0)) as client,
        pytest.raises(TransientFetchError) as caught,
    ):
        client.get(_with_secret(url))
    assert _SECRET not in _everything_said_by(caught.value)
    assert _SECRET not in caplog.text


def test_an_address_that_is_none_tells_no_credential(client: HttpClient) -> None:
    with pytest.raises(PermanentFetchError) as caught:
        client.get(f"http://user:{_SECRET}@127.0.0.1:port/{_PATH}?apiKey={_SECRET}")
    assert _SECRET not in _everything_said_by(caught.value)


def _everything_said_by(error: BaseException) -> str:
    """The texts that a traceback of an error shows, causes included."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        said += [str(seen), repr(seen)]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(said)


def test_a_server_is_reachable_whatever_it_says(client: HttpClient, mirror: Mirror) -> None:
    assert client.is_reachable(f"{mirror.url}/")
    refusing = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with _server(lambda connection: connection.sendall(refusing)) as url:
        assert client.is_reachable(url)


def test_a_server_that_answers_at_the_second_try_is_reachable_and_a_silent_one_is_not() -> None:
    answers = iter([b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"])

    def once_too_late(connection: socket.socket) -> None:
        connection.sendall(next(answers))
        connection.close()

    with closing(HttpClient(timeout=0.05)) as client:
        with _server(once_too_late) as url:
            assert client.is_reachable(url)
        with _server(lambda _: None) as url:
            assert not client.is_reachable(url)
