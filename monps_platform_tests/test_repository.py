"""The repository itself: no secrets in any file, no index hosts in the locks, Dagster only where it belongs."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monps_platform.settings import PROJECT_ROOT

SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password, key or token": re.compile(
        r"""(?ix) \b\w*(?:password|passwd|secret|api_?key|access_?key|token)\b \s*[=:]\s*
        (["']) [^"'\s{}$<]{6,} \1"""
    ),
    "a credential in an address": re.compile(r"[a-z+]+://[^\s/:@\"'{}$<]+:[^\s/@\"'{}$<]{3,}@[\w.-]+"),
    "a key of a known provider": re.compile(
        r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|sk-[A-Za-z0-9]{20,}|xox[abp]-\w{10,}|AIza[\w-]{30,})"
    ),
    "The Odds API's key": re.compile(r"apiKey=[0-9a-f]{16,}"),
}


# Passwords that tests make up, and sport keys, which are names.
HARMLESS = ("hunter2", "Zebra7Quartz", "Walrus9Onyx", 'odds_api_key="soccer_')


def files() -> list[Path]:
    """Every file of the repository that is tracked, or is about to be."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
    )
    paths = [PROJECT_ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def findings(text: str) -> list[str]:
    """What in a text looks like a secret and is not known to be made up."""
    found = (f"{kind}: {match[0]}" for kind, pattern in SECRETS.items() for match in pattern.finditer(text))
    return [finding for finding in found if not any(word in finding for word in HARMLESS)]


def test_no_file_of_the_repository_holds_a_secret() -> None:
    checked = [path for path in files() if path.suffix != ".png"]
    assert {PROJECT_ROOT / name for name in ("dagster.yaml", "README.md", "monps_platform/settings.py")} <= set(checked)
    found = {
        str(path.relative_to(PROJECT_ROOT)): findings(path.read_text(encoding="utf-8", errors="replace"))
        for path in checked
    }
    assert {path: secrets for path, secrets in found.items() if secrets} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "db_pass" + 'word = "Tr0ub4dor"',
        "ODDS_API_" + "KEY='0123456789abcdef'",
        "auth_to" + 'ken: "abcdefgh1234"',
        "postgresql://monps" + ":Tr0ub4dor@db.example.org/monps",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "https://api.example.org/v4/odds?api" + "Key=0123456789abcdef0123",
    ],
)
def test_the_search_for_secrets_finds_what_it_looks_for(planted: str) -> None:
    assert findings(f"before\n{planted}\nafter")


def test_the_search_for_secrets_leaves_names_of_variables_and_placeholders_alone() -> None:
    harmless = """
    password: str = Field(repr=False, description="password, from the environment only: MONPS_DB_PASSWORD")
    password=dg.EnvVar("MONPS_DB_PASSWORD")
    url = f"postgresql://{user}:{password}@{host}"
    password:
        env: MONPS_DB_PASSWORD
    MONPS_DB_PASSWORD=
    """
    assert findings(harmless) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_files_pin_every_package_with_hashes_and_name_no_index(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|://|--(extra-)?index|--find-links|--trusted-host", text)
    entries = [entry for entry in re.split(r"\n(?=[a-zA-Z])", text.strip()) if not entry.startswith("#")]
    assert len(entries) > 50
    assert [entry for entry in entries if not re.match(r"[A-Za-z0-9._\[\],-]+==\S+", entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def test_only_the_orchestration_and_what_starts_it_import_dagster() -> None:
    package = PROJECT_ROOT / "monps_platform"
    users = {
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if any(module.split(".")[0].startswith("dagster") for module in imports(path))
    }
    assert users == {"orchestration", "definitions.py", "cli", "testing"}
