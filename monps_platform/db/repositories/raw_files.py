"""What was fetched, what became of it, and what was rejected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import copy_rows
from monps_platform.db.models import RawFile, RejectedRow
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.domain.partitions import Partition
from monps_platform.domain.rejections import Dataset, Rejection


@dataclass(frozen=True)
class RowCounts:
    """Rows read, loaded and rejected; read = loaded + rejected, and the database insists on it."""

    read: int = 0
    loaded: int = 0
    rejected: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(self.read + other.read, self.loaded + other.loaded, self.rejected + other.rejected)


class StaleFileError(RuntimeError):
    """A version of a file that is in force no longer."""


class RawFileRepository(Repository[RawFile, SessionT]):
    """Fetched files by partition; the newest version of each key is in force."""

    model = RawFile

    @operation
    def in_force(self, session: Session, partitions: Collection[Partition]) -> Mapping[Partition, Sequence[RawFile]]:
        """The newest version of each file of each partition, the season's own file before the fixtures."""
        files: dict[tuple[str, str], list[RawFile]] = {}
        for file in _in_force(session):
            files.setdefault((file.league, file.season), []).append(file)
        return {item: files.get((item.league.code, item.season.name), []) for item in partitions}

    @operation
    def all_in_force(self, session: Session) -> Sequence[RawFile]:
        """The newest version of every file."""
        return _in_force(session)

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
    def require_in_force(self, session: Session, partition: Partition, files: Sequence[RawFile]) -> None:
        """Raise StaleFileError when another version has come since the files were read. Asked under the partition's
        lock, so that no older version is ever written over a newer one.
        """
        newest = _newest().where(RawFile.league == partition.league.code, RawFile.season == partition.season.name)
        if set(session.scalars(newest)) != {file.id for file in files}:
            raise StaleFileError(f"{partition}: another process fetched a newer version meanwhile. Run again: monps up")

    @operation
    def any_fetched(self, session: Session, *, simulated: bool = False) -> bool:
        """Whether any file of a real (or simulated) league has ever been fetched."""
        is_simulated = RawFile.source == "simulated"
        found = select(RawFile.id).where(is_simulated if simulated else ~is_simulated).limit(1)
        return session.scalars(found).first() is not None

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
    def forget_loads(self, session: Session, partitions: Collection[Partition]) -> None:
        """Make the partitions' files count as not loaded yet, so that the next load reads them again."""
        wanted = {(partition.league.code, partition.season.name) for partition in partitions}
        for file in _in_force(session):
            if (file.league, file.season) in wanted:
                file.rows_loader = file.quotes_loader = None
        session.flush()

    @operation
    def replace_rejections(
        self, session: Session, file: RawFile, datasets: Sequence[Dataset], rejections: Sequence[Rejection]
    ) -> None:
        """Keep these rejections of a file in place of earlier ones of the same datasets."""
        session.execute(
            delete(RejectedRow).where(RejectedRow.raw_file_id == file.id, RejectedRow.dataset.in_(datasets))
        )
        chosen = [rejection for rejection in rejections if rejection.dataset in datasets]
        copy_rows(
            session.connection(),
            "ops.rejected_rows",
            ("raw_file_id", "dataset", "line_number", "reason", "raw_text"),
            ((file.id, item.dataset, item.line_number, item.reason, item.raw_text) for item in chosen),
        )


def _newest() -> Select[tuple[int]]:
    """The id of the newest version of every file."""
    return select(func.max(RawFile.id)).group_by(RawFile.source, RawFile.league, RawFile.season, RawFile.key)


def _in_force(session: Session) -> Sequence[RawFile]:
    in_force = select(RawFile).where(RawFile.id.in_(_newest()))
    return session.scalars(in_force.order_by(RawFile.key.desc())).all()
