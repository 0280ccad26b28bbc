"""Why a row was not loaded: every rejection keeps its place, its text and one of these reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dataset(StrEnum):
    """What was rejected: a match row, a quote, or one detail of a match that itself was loaded; of Understat a listed
    match, a shot, a player's season, or an entry of a line-up; a line of a file of picks.
    """

    MATCHES = "matches"
    ODDS = "odds"
    MATCH_DETAILS = "match_details"
    LISTINGS = "listings"
    SHOTS = "shots"
    PLAYERS = "players"
    APPEARANCES = "appearances"
    PICKS = "picks"


class Reason(StrEnum):
    """The reason codes of ops.rejected_rows."""

    MISSING_TEAM = "missing_team"
    UNRESOLVED_TEAM = "unresolved_team"
    SAME_TEAM_TWICE = "same_team_twice"
    UNREADABLE_DATE = "unreadable_date"
    OUTSIDE_SEASON = "outside_season"
    UNREADABLE_TIME = "unreadable_time"
    GOALS_NOT_WHOLE = "goals_not_whole"
    INCOMPLETE_SCORE = "incomplete_score"
    RESULT_CONTRADICTS_SCORE = "result_contradicts_score"
    HALF_TIME_EXCEEDS_FULL_TIME = "half_time_exceeds_full_time"
    DUPLICATE_MATCH = "duplicate_match"
    WRONG_DIVISION = "wrong_division"
    TOO_MANY_CELLS = "too_many_cells"
    STRAY_QUOTATION_MARK = "stray_quotation_mark"
    ALREADY_IN_SEASON_FILE = "already_in_season_file"
    NOT_A_COUNT = "not_a_count"
    CONFLICTING_COLUMNS = "conflicting_columns"
    MATCH_REJECTED = "match_rejected"
    INCOMPLETE_PRICES = "incomplete_prices"
    PRICE_NOT_ABOVE_ONE = "price_not_above_one"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    PRICE_TOO_PRECISE = "price_too_precise"
    MISSING_LINE = "missing_line"
    NOT_A_NUMBER = "not_a_number"
    MISSING_PLAYER = "missing_player"
    UNKNOWN_LABEL = "unknown_label"
    DUPLICATE_ID = "duplicate_id"
    OUT_OF_RANGE = "out_of_range"
    WRONG_MATCH = "wrong_match"
    WRONG_SIDE = "wrong_side"
    UNREADABLE_FILE = "unreadable_file"
    WRONG_NUMBER_OF_CELLS = "wrong_number_of_cells"
    MISSING_VALUE = "missing_value"
    UNUSABLE_TEXT = "unusable_text"
    RESERVED_AGENT = "reserved_agent"
    UNKNOWN_LEAGUE = "unknown_league"
    AMBIGUOUS_TEAM = "ambiguous_team"
    NO_SUCH_MATCH = "no_such_match"
    UNKNOWN_MARKET = "unknown_market"
    SIDE_NOT_OF_MARKET = "side_not_of_market"
    LINE_NOT_OF_MARKET = "line_not_of_market"
    LINE_NOT_QUARTER = "line_not_quarter"
    LINE_OUT_OF_RANGE = "line_out_of_range"
    UNKNOWN_BOOKMAKER = "unknown_bookmaker"
    AGGREGATE_BOOKMAKER = "aggregate_bookmaker"
    STAKE_NOT_POSITIVE = "stake_not_positive"
    STAKE_TOO_PRECISE = "stake_too_precise"
    STAKE_OUT_OF_RANGE = "stake_out_of_range"
    PROBABILITY_OUT_OF_RANGE = "probability_out_of_range"
    TAKEN_AFTER_KICKOFF = "taken_after_kickoff"
    TAKEN_IN_THE_FUTURE = "taken_in_the_future"
    DUPLICATE_PICK = "duplicate_pick"
    TERMS_CHANGED = "terms_changed"
    EVENT_STARTED = "event_started"
    CAPTURED_IN_THE_FUTURE = "captured_in_the_future"
    UNREADABLE_EVENT = "unreadable_event"
    DUPLICATE_QUOTE = "duplicate_quote"
    LAY_PRICES = "lay_prices"
    LINES_DIFFER = "lines_differ"


@dataclass(frozen=True)
class Rejection:
    """One rejected row: the 1-based line of the file, its raw text (or the cells in question) and the reason. In JSON
    the line is the record's position in its list. ``detail`` says in words what is wrong, where the reason does not.
    """

    dataset: Dataset
    line_number: int
    reason: Reason
    raw_text: str
    detail: str | None = None
