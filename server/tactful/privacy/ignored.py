"""Which files are nobody else's business: what git ignores, what `.tactfulignore` names, and files that hold secrets.

`.tactfulignore` has the last word, in both directions: it is written as a `.gitignore` is, and `!name` takes a file
back in. This module reads the rules and judges paths; it must not know what the files are wanted for.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["FolderRules", "IgnoreRules", "holds_secrets", "is_ignored_by", "rules_in"]

_GIT, _OWN = ".gitignore", ".tactfulignore"
_SECRET_FILE = re.compile(
    r"\.env(?:rc|\..*|_.*)?|.*\.env|.*\.(?:pem|key|p12|pfx|p8|jks|keystore|ppk|kdbx?|asc|gpg|age|tfvars|tfstate|secrets?|ovpn)"
    r"|.*\.tfvars\.json|.*\.tfstate\..*|id_(?:rsa|dsa|ecdsa|ed25519)(?:[._-].*)?|[._]netrc|\.pypirc|\.npmrc|\.yarnrc\.yml"
    r"|\.htpasswd|\.pgpass|\.my\.cnf|\.git-credentials|\.dockercfg|\.vault[-_].*|\.s3cfg|\.boto"
    r"|(?:.*[._-])?credentials(?:\.(?:json|ya?ml|toml|ini|xml|csv))?|(?:.*[._-])?secrets?\.(?:json|ya?ml|toml|ini|xml|properties)"
    r"|service[-_]?account.*\.json|application_default_credentials\.json"
)
_SECRET_FOLDER = re.compile(r"\.(?:ssh|aws|azure|gnupg|kube|docker|gcloud|password-store)")


@dataclass(frozen=True, slots=True)
class FolderRules:
    """What the ignore files in one folder say of everything below it."""

    folder: Path
    git: "tuple[GitIgnoreSpec, ...]"
    own: "tuple[GitIgnoreSpec, ...]"


class IgnoreRules:
    """Judges single paths; rules are read again when their file changes."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(root.resolve() for root in roots)
        self._read: dict[Path, tuple[tuple[int, ...], FolderRules | None]] = {}

    def is_ignored(self, path: Path) -> bool:
        """Say whether nothing of the file at `path` may leave; a link is judged by its own name and its target's."""
        plain = Path(os.path.abspath(path))  # noqa: PTH100 - the name as it stands, links and all
        real = plain.resolve()
        return self._judge(plain) or (real != plain and self._judge(real))

    def _judge(self, path: Path) -> bool:
        top = self._top(path)
        rules: list[FolderRules] = list(_everywhere(top))
        here = top
        for name in path.relative_to(top).parts:
            found = self._rules(here)
            rules += [found] if found is not None else []
            here = here / name
            if is_ignored_by(here, here != path, rules):
                return True
        return any(_SECRET_FOLDER.fullmatch(name.lower()) for name in path.parts[:-1])

    def _top(self, path: Path) -> Path:
        """Return the folder whose rules are the first that count: the repository's, else the workspace's."""
        above = path.parents
        repository = next((folder for folder in above if (folder / ".git").exists()), None)
        root = next((root for root in self._roots if root in above), None)
        known = [folder for folder in (repository, root) if folder is not None]
        return min(known, key=lambda folder: len(folder.parts), default=path.parent)

    def _rules(self, folder: Path) -> FolderRules | None:
        state = tuple(_state(folder / name) for name in (_GIT, _OWN))
        known = self._read.get(folder)
        if known is None or known[0] != state:
            known = self._read[folder] = (state, rules_in(folder) if any(state) else None)
        return known[1]


def rules_in(folder: Path) -> FolderRules | None:
    """Return what the ignore files in `folder` say, None where there are none."""
    git, own = tuple(_spec(folder / _GIT)), tuple(_spec(folder / _OWN))
    return FolderRules(folder, git, own) if git or own else None


def is_ignored_by(path: Path, is_folder: bool, rules: Sequence[FolderRules]) -> bool:
    """Say whether `path` is ignored; `rules` are those of the folders above it, the outermost first.

    Of two rules the innermost and last counts, as in git. To leave out what is below an ignored folder is the caller's.
    """
    own = _verdict(path, is_folder, [(each.folder, each.own) for each in rules if each.own])
    if own is not None:
        return own
    if not is_folder and holds_secrets(path):
        return True
    return bool(_verdict(path, is_folder, [(each.folder, each.git) for each in rules if each.git]))


def holds_secrets(path: Path) -> bool:
    """Say whether a file of this name usually holds keys or passwords, as `.env` and `id_rsa` do."""
    return _SECRET_FILE.fullmatch(path.name.lower()) is not None


def _verdict(path: Path, is_folder: bool, specs: "Sequence[tuple[Path, tuple[GitIgnoreSpec, ...]]]") -> bool | None:
    for folder, each in reversed(specs):
        for spec in each:
            verdict = spec.check_file(path.relative_to(folder).as_posix() + "/" * is_folder).include
            if verdict is not None:
                return verdict
    return None


def _everywhere(top: Path) -> Iterator[FolderRules]:
    """Yield the rules that git keeps outside of the tree: the user's own, and those of this clone."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    specs = (*_spec(top / ".git" / "info" / "exclude"), *_spec(config / "git" / "ignore"))
    if specs:
        yield FolderRules(top, specs, ())


def _spec(file: Path) -> "Iterator[GitIgnoreSpec]":
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:  # A pattern that git would not understand either.
        return
    if len(spec):
        yield spec


def _state(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
