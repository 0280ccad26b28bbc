"""Asking The Odds API: the key joins the address when it is asked, and is in nothing that is kept or told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

from monps_platform.domain.leagues import League
from monps_platform.sources.errors import FetchError, PermanentFetchError, TransientFetchError
from monps_platform.sources.http import HttpClient, Response
from monps_platform.sources.odds_api.files import LAST, QUOTA_KEY, REMAINING, USED, Question, odds_path

_REFUSED = 401
_TOO_MANY = 429
_OUT_OF_CREDITS = "OUT_OF_USAGE_CREDITS"


class OddsApiRefusedError(PermanentFetchError):
    """The key is not taken, or its credits are used up: no other league need be asked now."""


@dataclass(frozen=True)
class Usage:
    """What an answer says of the credits; None where it does not say."""

    remaining: int | None = None
    used: int | None = None
    cost: int | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Usage:
        """From an answer's headers."""
        return cls(*(_whole(headers.get(name)) for name in (REMAINING, USED, LAST)))


@dataclass(frozen=True)
class OddsApi:
    """One server, one key. Each call is one request: a try more would cost credits more."""

    client: HttpClient
    base_url: str
    key: SecretStr = field(repr=False)

    def odds(self, league: League, question: Question, first: datetime, last: datetime) -> Response:
        """The prices of a league's matches that begin between two instants. Costs ``question.cost`` credits at most.

        Raises OddsApiRefusedError, TransientFetchError or PermanentFetchError; their ``headers`` say what is left.
        """
        span = {"commenceTimeFrom": _iso(first), "commenceTimeTo": _iso(last)}
        return self._get(odds_path(league), {**question.params, **span})

    def usage(self) -> Usage:
        """What is left; costs nothing. Raises as odds() does."""
        return Usage.of(self._get(QUOTA_KEY, {}).headers)

    def url(self, path: str) -> str:
        """The address of a path, without the key."""
        return f"{self.base_url.rstrip('/')}/{path}"

    def _get(self, path: str, params: Mapping[str, str]) -> Response:
        try:
            answer = self.client.get(self.url(path), params={**params, "apiKey": self.key.get_secret_value()})
        except FetchError as error:
            raise _in_words(error) from None
        if answer is None:
            raise TransientFetchError(f"{path}: the server says that nothing changed, and was not asked that")
        return answer


def _in_words(error: FetchError) -> FetchError:
    """The error with what to do about it."""
    if error.status == _REFUSED:
        told: FetchError = OddsApiRefusedError(f"{error}. {_remedy(str(error))}")
    elif error.status == _TOO_MANY:
        told = TransientFetchError(f"{error}. The server is asked too often; the next run tries again")
    else:
        return error
    told.status, told.headers = error.status, error.headers
    return told


def _remedy(message: str) -> str:
    if _OUT_OF_CREDITS in message:
        return (
            "The credits of the key are used up until they are renewed: ask for fewer regions or markets "
            "(MONPS_ODDS_API_REGIONS, MONPS_ODDS_API_MARKETS), and set MONPS_ODDS_API_MONTHLY_QUOTA to your plan's"
        )
    return "The key is not taken: set MONPS_ODDS_API_KEY to the key that the-odds-api.com sent you"


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(text: str | None) -> int | None:
    """A header's whole number; some servers write 12.0."""
    if text is None:
        return None
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None
