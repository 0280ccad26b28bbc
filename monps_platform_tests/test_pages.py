"""The pages of the documentation: their pictures and links are there, and every picture is on a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monps_platform.settings import PROJECT_ROOT
from screenshots.take import FOLDER, SHOTS

PAGES = [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def targets(page: Path) -> list[Path]:
    """The files of the repository that a page points to."""
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return [(page.parent / target).resolve() for target in found if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Path) -> None:
    assert [str(target) for target in targets(page) if not target.exists()] == []


def test_every_picture_is_on_a_page_and_every_picture_of_the_ui_can_be_taken_anew() -> None:
    shown = {target for page in PAGES for target in targets(page)}
    pictures = set((PROJECT_ROOT / "docs" / "images").rglob("*.png"))
    assert pictures - shown == set()
    assert {picture.stem for picture in pictures if picture.parent == FOLDER} == {shot.name for shot in SHOTS}


def test_the_readme_names_every_page() -> None:
    named = set(targets(PAGES[0]))
    assert {page.name for page in PAGES[1:] if page not in named} == set()
