"""What was fetched, what became of it, and what was rejected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import copy_rows
from monps_platform.db.locks import lock
from monps_platform.db.models import RawFile, RejectedRow
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.domain.feeds import FOOTBALL_DATA, ODDS_API, Feed
from monps_platform.domain.partitions import Partition
from monps_platform.domain.rejections import Dataset, Reason, Rejection

VERSIONS_KEPT = 2
"""Of each file, however old: the one in force, and the one that it is compared with."""


@dataclass(frozen=True)
class RowCounts:
    """Rows read, loaded and rejected; read = loaded + rejected, and the database insists on it."""

    read: int = 0
    loaded: int = 0
    rejected: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(self.read + other.read, self.loaded + other.loaded, self.rejected + other.rejected)


def rows_of(file: RawFile) -> RowCounts:
    """What became of a file's rows when it was loaded; none of a file that was not."""
    return RowCounts(file.rows_read or 0, file.rows_loaded or 0, file.rows_rejected or 0)


def quotes_of(file: RawFile) -> RowCounts:
    """What became of a file's quotes when they were loaded; none of a file of which they were not."""
    return RowCounts(file.quotes_read or 0, file.quotes_loaded or 0, file.quotes_rejected or 0)


class StaleFileError(RuntimeError):
    """A version of a file that is in force no longer."""


class RawFileRepository(Repository[RawFile, SessionT]):
    """Fetched files by partition; the newest version of each key is in force."""

    model = RawFile

    @operation
    def in_force(
        self, session: Session, partitions: Collection[Partition], feed: Feed = FOOTBALL_DATA
    ) -> Mapping[Partition, Sequence[RawFile]]:
        """The newest version of each file of each partition; of football-data the season's own before the fixtures."""
        files: dict[tuple[str | None, str | None], list[RawFile]] = {}
        for file in session.scalars(_in_force(feed, partitions)):
            files.setdefault((file.league, file.season), []).append(file)
        return {item: files.get((item.league.code, item.season.name), []) for item in partitions}

    @operation
    def all_in_force(self, session: Session, feed: Feed = FOOTBALL_DATA) -> Sequence[RawFile]:
        """The newest version of every file of a feed."""
        return session.scalars(_in_force(feed)).all()

    @operation
    def latest(self, session: Session, partition: Partition, key: str) -> RawFile | None:
        """The version in force of one file, None when it was never fetched."""
        statement = (
            select(RawFile)
            .where(RawFile.league == partition.league.code, RawFile.season == partition.season.name)
            .where(RawFile.key == key)
            .order_by(RawFile.id.desc())
            .limit(1)
        )
        return session.scalars(statement).one_or_none()

    @operation
    def latest_of(self, session: Session, source: str, key: str) -> RawFile | None:
        """The version in force of a file that belongs to no partition, None when there was none. Nobody else enters one
        until the transaction ends.
        """
        lock(session, "raw_files", source, key)
        of_no_partition = (RawFile.source == source, RawFile.key == key, RawFile.league.is_(None))
        return session.scalars(select(RawFile).where(*of_no_partition).order_by(RawFile.id.desc()).limit(1)).first()

    @operation
    def require_in_force(
        self, session: Session, partition: Partition, files: Sequence[RawFile], feed: Feed = FOOTBALL_DATA
    ) -> None:
        """Raise StaleFileError when another version has come since a feed's files were read. Asked under the
        partition's lock, so that no older version is ever written over a newer one.
        """
        newest = _newest([partition]).where(RawFile.source.in_(feed.names))
        if set(session.scalars(newest)) != {file.id for file in files}:
            raise StaleFileError(f"{partition}: another process fetched a newer version meanwhile. Run again: monps up")

    @operation
    def require_latest(self, session: Session, file: RawFile) -> None:
        """Raise StaleFileError when another version of a file has come since it was read. Nobody else loads the same
        file until the transaction ends.
        """
        lock(session, "raw_files", file.league or "", file.season or "", file.key)
        newest = session.scalars(_newest().where(RawFile.source == file.source, *_same(file))).one()
        if newest != file.id:
            raise StaleFileError(f"{file.key}: another process fetched a newer version meanwhile. Run again: monps up")

    @operation
    def superseded(self, session: Session, before: datetime) -> Sequence[RawFile]:
        """The versions of files of sources that are neither in force nor the one before, and were followed by a newer
        one before a moment: nothing reads them any more. A person's own files of picks are never among them, nor
        answers of The Odds API, each of which holds prices of its own.
        """
        key = (RawFile.source, RawFile.league, RawFile.season, RawFile.key)
        aged = (
            select(
                RawFile.id,
                func.row_number().over(partition_by=key, order_by=RawFile.id.desc()).label("age"),
                func.lag(RawFile.fetched_at).over(partition_by=key, order_by=RawFile.id.desc()).label("followed_at"),
            )
            .where(RawFile.league.is_not(None), RawFile.source != ODDS_API.real)
            .subquery()
        )
        chosen = select(aged.c.id).where(aged.c.age > VERSIONS_KEPT, aged.c.followed_at < before)
        return session.scalars(select(RawFile).where(RawFile.id.in_(chosen)).order_by(RawFile.id)).all()

    @operation
    def forget(self, session: Session, files: Collection[RawFile]) -> Sequence[str]:
        """Delete versions of files with their rejected rows; returns the addresses of the bodies that no version points
        to now.
        """
        session.execute(delete(RawFile).where(RawFile.id.in_([file.id for file in files])))
        addresses = {file.sha256 for file in files}
        still = set(session.scalars(select(RawFile.sha256).where(RawFile.sha256.in_(addresses))))
        return sorted(addresses - still)

    @operation
    def any_fetched(self, session: Session, source: str = FOOTBALL_DATA.real) -> bool:
        """Whether any file of a source has ever been fetched."""
        return session.scalars(select(RawFile.id).where(RawFile.source == source).limit(1)).first() is not None

    @operation
    def to_load(
        self, session: Session, source: str, loader: str, again: Collection[Reason], since: datetime
    ) -> Sequence[RawFile]:
        """The versions of a source's files whose quotes this version of the code has not loaded, oldest first, and
        those fetched since an instant of which quotes were rejected for a reason that may be gone.
        """
        rejected = select(RejectedRow.raw_file_id).where(RejectedRow.reason.in_(again))
        mending = (RawFile.fetched_at >= since) & RawFile.id.in_(rejected)
        wanted = or_(RawFile.quotes_loader.is_distinct_from(loader), mending)
        return session.scalars(select(RawFile).where(RawFile.source == source, wanted).order_by(RawFile.id)).all()

    @operation
    def add(self, session: Session, file: RawFile) -> None:
        """Enter a newly fetched version."""
        session.add(file)
        session.flush()

    @operation
    def attach(self, session: Session, file: RawFile) -> RawFile:
        """A file that another unit of work has read, as this one's own."""
        return session.merge(file, load=False)

    @operation
    def record_rows(self, session: Session, file: RawFile, counts: RowCounts, loader: str) -> None:
        """Note what became of a file's data lines."""
        file.rows_read, file.rows_loaded, file.rows_rejected = counts.read, counts.loaded, counts.rejected
        file.rows_loader = loader
        session.flush()

    @operation
    def record_quotes(self, session: Session, file: RawFile, counts: RowCounts, loader: str) -> None:
        """Note what became of a file's quotes."""
        file.quotes_read, file.quotes_loaded, file.quotes_rejected = counts.read, counts.loaded, counts.rejected
        file.quotes_loader = loader
        session.flush()

    @operation
    def record_players(self, session: Session, file: RawFile, counts: RowCounts, loader: str) -> None:
        """Note what became of a file's players."""
        file.players_read, file.players_loaded, file.players_rejected = counts.read, counts.loaded, counts.rejected
        file.players_loader = loader
        session.flush()

    @operation
    def forget_loads(self, session: Session, partitions: Collection[Partition]) -> None:
        """Make the partitions' files in force count as not loaded yet, so that the next load reads them again."""
        loaders = {"rows_loader": None, "quotes_loader": None, "players_loader": None}
        session.execute(update(RawFile).where(RawFile.id.in_(_newest(partitions))).values(**loaders))

    @operation
    def forget_files(self, session: Session, partition: Partition, keys: Collection[str]) -> None:
        """Make some files of a partition, those in force, count as not loaded yet."""
        chosen = _newest([partition]).where(RawFile.key.in_(keys))
        forgotten = update(RawFile).where(RawFile.id.in_(chosen))
        session.execute(forgotten.values(rows_loader=None, players_loader=None))

    @operation
    def record_match_files(
        self, session: Session, counts: Mapping[int, tuple[RowCounts, RowCounts]], loader: str
    ) -> None:
        """Note what became of the rows and the players of many files at once, by the files' ids."""
        noted = [
            {
                "id": file_id,
                "rows_read": rows.read,
                "rows_loaded": rows.loaded,
                "rows_rejected": rows.rejected,
                "rows_loader": loader,
                "players_read": players.read,
                "players_loaded": players.loaded,
                "players_rejected": players.rejected,
                "players_loader": loader,
            }
            for file_id, (rows, players) in counts.items()
        ]
        session.execute(update(RawFile), noted)

    @operation
    def replace_rejections(
        self, session: Session, file: RawFile, datasets: Sequence[Dataset], rejections: Sequence[Rejection]
    ) -> None:
        """Keep these rejections of a file in place of earlier ones of the same datasets."""
        RawFileRepository(session).replace_rejections_of({file.id: rejections}, datasets)

    @operation
    def replace_rejections_of(
        self, session: Session, found: Mapping[int, Sequence[Rejection]], datasets: Sequence[Dataset]
    ) -> None:
        """Keep these rejections of files, by the files' ids, in place of earlier ones of the same datasets."""
        earlier = delete(RejectedRow).where(RejectedRow.raw_file_id.in_(found), RejectedRow.dataset.in_(datasets))
        session.execute(earlier)
        copy_rows(
            session.connection(),
            "ops.rejected_rows",
            ("raw_file_id", "dataset", "line_number", "reason", "raw_text", "detail"),
            (
                (file_id, item.dataset, item.line_number, item.reason, item.raw_text, item.detail)
                for file_id, rejections in found.items()
                for item in rejections
                if item.dataset in datasets
            ),
        )


def _of(partitions: Collection[Partition]) -> ColumnElement[bool]:
    wanted = [(partition.league.code, partition.season.name) for partition in partitions]
    return tuple_(RawFile.league, RawFile.season).in_(wanted)


def _same(file: RawFile) -> tuple[ColumnElement[bool], ...]:
    return RawFile.league == file.league, RawFile.season == file.season, RawFile.key == file.key


def _newest(partitions: Collection[Partition] | None = None) -> Select[tuple[int]]:
    """The id of the newest version of every file, or of those of some partitions."""
    newest = select(func.max(RawFile.id)).group_by(RawFile.source, RawFile.league, RawFile.season, RawFile.key)
    return newest if partitions is None else newest.where(_of(partitions))


def _in_force(feed: Feed, partitions: Collection[Partition] | None = None) -> Select[tuple[RawFile]]:
    newest = _newest(partitions).where(RawFile.source.in_(feed.names))
    return select(RawFile).where(RawFile.id.in_(newest)).order_by(RawFile.key.desc())
