"""Which files are nobody else's business: what git ignores, what `.tactfulignore` names, and files that hold secrets.

`.tactfulignore` has the last word, in both directions: it is written as a `.gitignore` is, and `!name` takes a file
back in. This module reads the rules and judges paths; it must not know what the files are wanted for.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
        self._roots = tuple(str(root.resolve()) for root in roots)
        self._read: dict[str, tuple[tuple[int, ...], FolderRules | None]] = {}

    def is_ignored(self, path: Path) -> bool:
        """Say whether nothing of the file at `path` may leave; a link is judged by its own name and its target's."""
        return self.now()(str(path))

    def now(self) -> Callable[[str], bool]:
        """Return `is_ignored` for many paths of one moment: every folder is looked at once."""
        return _Moment(self._roots, self._read).is_ignored


class _Folder(NamedTuple):
    """What is known of a folder: whether it is ignored, and the rules for what is in it, the outermost first."""

    ignored: bool
    rules: tuple[FolderRules, ...]


class _Moment:
    def __init__(self, roots: tuple[str, ...], read: dict[str, tuple[tuple[int, ...], FolderRules | None]]) -> None:
        self._roots = roots
        self._read = read
        self._folders: dict[str, _Folder] = {}
        self._real: dict[str, str] = {}  # folder -> itself without links

    def is_ignored(self, path: str) -> bool:
        plain = os.path.abspath(path)  # noqa: PTH100 - the name as it stands, links and all
        real = self._without_links(plain)
        return self._judge(plain) or (real != plain and self._judge(real))

    def _without_links(self, path: str) -> str:
        """Return the real path; that of a folder is looked up once, since many files of it may be judged."""
        folder, name = os.path.split(path)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        there = os.path.join(self._real[folder], name)  # noqa: PTH118
        return os.path.realpath(there) if os.path.islink(there) else there  # noqa: PTH114

    def _judge(self, path: str) -> bool:
        folder = self._folder(os.path.dirname(path))  # noqa: PTH120
        return folder.ignored or is_ignored_by(Path(path), False, folder.rules)

    def _folder(self, path: str) -> _Folder:
        if path not in self._folders:
            self._folders[path] = self._look_at(path)
        return self._folders[path]

    def _look_at(self, path: str) -> _Folder:
        parent, name = os.path.split(path)
        outside = parent == path or not (self._is_within_root(parent) or self._is_within_repository(path))
        above = _Folder(False, ()) if outside else self._folder(parent)
        rules = above.rules if not outside else tuple(self._everywhere(path))
        ignored = above.ignored or _SECRET_FOLDER.fullmatch(name.lower()) is not None
        if not ignored and not outside:
            ignored = is_ignored_by(Path(path), True, rules)
        found = self._rules(path)
        return _Folder(ignored, (*rules, found) if found is not None else rules)

    def _is_within_root(self, path: str) -> bool:
        return any(path == root or path.startswith(root + os.sep) for root in self._roots)

    def _is_within_repository(self, path: str) -> bool:
        """Say whether a folder above `path` is a repository's, and `path` is not the top of one itself."""
        if os.path.exists(f"{path}/.git"):  # noqa: PTH110
            return False
        return any((folder / ".git").exists() for folder in Path(path).parents)

    def _rules(self, folder: str) -> FolderRules | None:
        files = (f"{folder}/{_GIT}", f"{folder}/{_OWN}")
        return self._up_to_date(folder, files, lambda: rules_in(Path(folder)))

    def _everywhere(self, top: str) -> Iterator[FolderRules]:
        """Yield the rules that git keeps outside of the tree: the user's own, and those of this clone."""
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
        files = (f"{top}/.git/info/exclude", f"{config}/git/ignore")

        def read() -> FolderRules | None:
            specs = tuple(spec for file in files for spec in _spec(Path(file)))
            return FolderRules(Path(top), specs, ()) if specs else None

        found = self._up_to_date("\n".join(files), files, read)
        if found is not None:
            yield found

    def _up_to_date(self, key: str, files: Sequence[str], read: Callable[[], FolderRules | None]) -> FolderRules | None:
        """Return what the files say, read again where one of them has changed."""
        state = tuple(map(_state, files))
        known = self._read.get(key)
        if known is None or known[0] != state:
            known = self._read[key] = (state, read() if any(state) else None)
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


def _state(file: str) -> int:
    try:
        return os.stat(file).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0
