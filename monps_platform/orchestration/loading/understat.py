"""Understat's kept files as identities, joined matches, shots, line-ups and players' seasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from monps_platform.db import errors
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.models import RawFile
from monps_platform.db.repositories.aliases import IdentityConflictError
from monps_platform.db.repositories.raw_files import RowCounts, StaleFileError, rows_of
from monps_platform.db.repositories.teams import UnknownLeagueCodeError
from monps_platform.db.repositories.understat import JoinedMatch
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.feeds import UNDERSTAT
from monps_platform.domain.identities import Pairing, Played, pair_teams
from monps_platform.domain.match_joins import Join, OwnMatch, UnmatchedReason, join_matches
from monps_platform.domain.partitions import Partition
from monps_platform.domain.player_seasons import club_seasons
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.understat import Listing, ParsedLeague, ParsedMatch
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.sources.errors import SourceError
from monps_platform.sources.raw_store import RawStore
from monps_platform.sources.understat.files import league_key, match_id_of, match_key
from monps_platform.sources.understat.league_file import PARSER_VERSION, parse_league
from monps_platform.sources.understat.match_file import parse_match

FAILURES = (SourceError, *errors.FAILURES, IdentityConflictError, StaleFileError, UnknownLeagueCodeError, OSError)
_NAMED = 5
"""Unmatched matches that a warning names."""

Work = Callable[[Partition, RawFile], Outcome]
Loaded = Mapping[RawFile, tuple[JoinedMatch, ParsedMatch]]


@dataclass
class UnderstatLoader:
    """Loads partitions from kept bytes."""

    units: Callable[[], UnitOfWork]
    store: RawStore

    def load_identities(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """What each spelling and each listed match is of ours, one partition after another."""
        with self.units() as unit:
            unit.leagues.ensure_all()
            unit.commit()
        return (self._of_league_file(partition, self._load_identities) for partition in partitions)

    def load_shots(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """Shots and line-ups; match files whose bytes, parser and match are unchanged are not read."""
        return (self._of_league_file(partition, self._load_shots) for partition in partitions)

    def load_players(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """Players' seasons, those of players who moved told apart by shots and line-ups where these are held."""
        return (self._of_league_file(partition, self._load_players) for partition in partitions)

    def _of_league_file(self, partition: Partition, work: Work) -> Outcome:
        file = self._league_file(partition)
        if file is None:
            return Outcome.never_fetched(partition)
        return timed(partition, partial(work, partition, file), FAILURES)

    def _league_file(self, partition: Partition) -> RawFile | None:
        if partition.league.understat_name is None:
            return None
        with self.units() as unit:
            return unit.raw_files.latest(partition, league_key(partition.league, partition.season))

    def _parse(self, partition: Partition, file: RawFile) -> ParsedLeague:
        return parse_league(self.store.get(file.sha256), partition.league, partition.season, file.url)

    def _load_identities(self, partition: Partition, file: RawFile) -> Outcome:
        league, season = partition.league, partition.season
        parsed = self._parse(partition, file)
        counts = _counts(parsed.listings_read, len(parsed.listings))
        source = UNDERSTAT.name_for(league)
        with self.units() as unit:
            unit.raw_files.require_latest(file)
            ours = unit.matches.own_matches(league, season)
            names = {team.id: team.name for team in unit.teams.get_by_league(league.code, season=season.name)}
            pairings = pair_teams(_played(ours), _listed(parsed.listings), names)
            changes = unit.aliases.record_pairings(source, league, season, [*pairings, *_silent(parsed, pairings)])
            joins = join_matches(parsed.listings, unit.aliases.teams(source, league), ours)
            joined, moved = unit.understat_matches.replace_partition(league, season, joins)
            unit.raw_files.forget_files(partition, [match_key(match_id) for match_id in moved])
            mine = unit.raw_files.attach(file)
            unit.raw_files.record_rows(mine, counts, PARSER_VERSION)
            unit.raw_files.replace_rejections(mine, (Dataset.LISTINGS, Dataset.MATCH_DETAILS), parsed.rejections)
            unit.commit()
        return Outcome.of_load(partition, counts, changes + joined, warning=_unmatched(joins))

    def _load_shots(self, partition: Partition, _: RawFile) -> Outcome:
        with self.units() as unit:
            joined = unit.understat_matches.joined(partition.league, partition.season)
            files = unit.raw_files.in_force([partition], UNDERSTAT)[partition]
        matches = {file: joined.get(match_id_of(file.key)) for file in files if _is_match_file(partition, file)}
        if not matches:
            return Outcome(partition, Status.NOT_PUBLISHED, detail="no match files are held: MONPS_UNDERSTAT_SHOTS=1")
        todo = {file: ours for file, ours in matches.items() if ours and file.rows_loader != PARSER_VERSION}
        parsed = {file: (ours, _vetted(self._parse_match(file), ours)) for file, ours in todo.items()}
        # What is none of ours any more loses its shots, and has them read again should it come back.
        lost = [file.key for file, ours in matches.items() if ours is None and file.rows_loader is not None]
        changes = self._write_shots(partition, files, parsed, lost)
        counts = sum((_shot_counts(part) for _, part in parsed.values()), RowCounts())
        held = sum((rows_of(file) for file, ours in matches.items() if ours and file not in parsed), RowCounts())
        return Outcome.of_load(partition, counts + held, changes)

    def _parse_match(self, file: RawFile) -> ParsedMatch:
        return parse_match(self.store.get(file.sha256), match_id_of(file.key), file.url)

    def _write_shots(
        self, partition: Partition, files: Sequence[RawFile], parsed: Loaded, lost: Sequence[str]
    ) -> Changes:
        with self.units() as unit:
            changes = unit.understat_matches.delete_details_of_unjoined(partition.league, partition.season)
            unit.raw_files.require_in_force(partition, files, UNDERSTAT)
            unit.raw_files.forget_files(partition, lost)
            if parsed:
                changes += unit.shots.replace_matches({ours: part.shots for ours, part in parsed.values()})
                changes += unit.player_matches.replace_matches(
                    {ours: part.appearances for ours, part in parsed.values()}
                )
                parts = {file.id: part for file, (_, part) in parsed.items()}
                counts = {file_id: (_shot_counts(part), _player_counts(part)) for file_id, part in parts.items()}
                unit.raw_files.record_match_files(counts, PARSER_VERSION)
                rejections = {file_id: part.rejections for file_id, part in parts.items()}
                unit.raw_files.replace_rejections_of(rejections, (Dataset.SHOTS, Dataset.APPEARANCES))
            unit.commit()
        return changes

    def _load_players(self, partition: Partition, file: RawFile) -> Outcome:
        league, season = partition.league, partition.season
        parsed = self._parse(partition, file)
        with self.units() as unit:
            unit.raw_files.require_latest(file)
            teams = unit.aliases.teams(UNDERSTAT.name_for(league), league)
            shots, lineups = unit.shots.totals(league, season), unit.player_matches.totals(league, season)
            rows, unresolved = club_seasons(parsed.players, teams, shots, lineups)
            changes = unit.player_seasons.replace_partition(league, season, rows)
            mine = unit.raw_files.attach(file)
            counts = _counts(parsed.players_read, len(parsed.players) - len(unresolved))
            unit.raw_files.record_players(mine, counts, PARSER_VERSION)
            unit.raw_files.replace_rejections(mine, (Dataset.PLAYERS,), [*parsed.rejections, *unresolved])
            unit.commit()
        return Outcome.of_load(partition, counts, changes)


def _vetted(part: ParsedMatch, ours: JoinedMatch) -> ParsedMatch:
    """A match file whose goals are not the match's score is rejected as a whole: some of its shots lack or are wrong,
    and nobody knows which.
    """
    if part.score == ours.score:
        return part
    text = f"{part.score[0]}-{part.score[1]} by its shots, {ours.score[0]}-{ours.score[1]} by the league file"
    reason = Reason.RESULT_CONTRADICTS_SCORE
    lines = [
        *((Dataset.SHOTS, number) for number in range(1, part.shots_read + 1)),
        *((Dataset.APPEARANCES, number) for number in range(1, part.appearances_read + 1)),
    ]
    rejections = [Rejection(dataset, number, reason, text) for dataset, number in lines]
    return replace(part, shots=[], appearances=[], rejections=rejections)


def _played(ours: Sequence[OwnMatch]) -> list[Played[int]]:
    return [
        Played(match.day, match.home_team_id, match.away_team_id, home, away)
        for match in ours
        for home, away in [match.score]
        if home is not None and away is not None
    ]


def _listed(listings: Sequence[Listing]) -> list[Played[str]]:
    return [
        Played(item.shown_at.date(), item.home_team, item.away_team, item.home_goals, item.away_goals)
        for item in listings
        if item.home_goals is not None and item.away_goals is not None
    ]


def _silent(parsed: ParsedLeague, pairings: Sequence[Pairing]) -> list[Pairing]:
    """Spellings without a finished match: nothing can be proved of them yet, and they must not be forgotten."""
    heard = {pairing.spelling for pairing in pairings}
    spellings = {name for item in parsed.listings for name in (item.home_team, item.away_team)}
    return [Pairing(name, None, None, 0, 0, 0, "no match played yet") for name in sorted(spellings - heard)]


def _is_match_file(partition: Partition, file: RawFile) -> bool:
    return file.key != league_key(partition.league, partition.season)


def _unmatched(joins: Sequence[Join]) -> str:
    lost = [join for join in joins if join.reason not in {None, UnmatchedReason.NOT_PLAYED}]
    if not lost:
        return ""
    named = [
        f"{join.listing.home_team} - {join.listing.away_team} of {join.listing.shown_at:%Y-%m-%d} ({join.reason})"
        for join in lost[:_NAMED]
    ]
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"{len(lost)} listed matches are none of ours: {'; '.join(named)}{more}"


def _counts(read: int, loaded: int) -> RowCounts:
    return RowCounts(read, loaded, read - loaded)


def _shot_counts(part: ParsedMatch) -> RowCounts:
    return _counts(part.shots_read, len(part.shots))


def _player_counts(part: ParsedMatch) -> RowCounts:
    return _counts(part.appearances_read, len(part.appearances))
