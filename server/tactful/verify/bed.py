"""A test bed: a private copy of the workspace in its sandbox, with a fork server that has pytest imported.

A bed serves one verification, so that no run finds what another one left behind. The next one is made in advance, right
after; when it is asked for, only what has changed in the workspace meanwhile is brought in.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tactful.core.errors import VerifyError
from tactful.verify.runner.host import SCRIPT, Runner, start_runner
from tactful.verify.sandbox import Confined, Sandbox
from tactful.verify.sandbox.environment import test_environment
from tactful.verify.workspace import Workspace, copy_workspace, put_texts, refresh

__all__ = ["Bed", "Site", "Spare", "make_bed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a bed is made for; a bed serves every request that has the same."""

    root: Path
    python: Path
    sandbox: Sandbox
    budget_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A bed that is ready: `confined` tells where its tests see the workspace."""

    site: Site
    folder: Path
    workspace: Workspace
    confined: Confined
    runner: Runner

    def place(self, path: Path) -> str:
        """Return where the tests see the workspace's file `path`."""
        return str(self.confined.root / path.relative_to(self.site.root))

    def close(self) -> None:
        """End the fork server and all it started, and remove the copy."""
        self.runner.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Spare:
    """At most one bed that is kept ready below `scratch`; without a folder none is kept."""

    def __init__(self, scratch: Path | None) -> None:
        self._scratch = scratch
        self._bed: Bed | None = None

    def take(self, site: Site, texts: Mapping[Path, str], deadline: float) -> Bed:
        """Return a bed for `site` with `texts` (by path) in place, the spare one where it fits.

        Raises VerifyError where none can be made before `deadline` (monotonic seconds).
        """
        bed, self._bed = self._bed, None
        if bed is not None:
            if bed.site == site and bed.runner.is_alive() and refresh(bed.workspace):
                put_texts(bed.workspace, texts)
                bed.runner.deadline = deadline
                return bed
            bed.close()
        return make_bed(site, texts, self._folder(), deadline)

    def prepare(self, site: Site, deadline: float) -> None:
        """Make the next bed, without the unsaved texts; where that fails the next verification says so."""
        if self._scratch is not None:
            with suppress(VerifyError, OSError):
                self._bed = make_bed(site, {}, self._folder(), deadline)

    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="tactful-verify-", dir=self._scratch))


def make_bed(site: Site, texts: Mapping[Path, str], folder: Path, deadline: float) -> Bed:
    """Return a new bed in the empty `folder`, which is removed where that fails. Raises VerifyError or OSError."""
    try:
        workspace = copy_workspace(site.root, folder / "copy")
        put_texts(workspace, texts)
        argv = (str(site.python), "-B", str(SCRIPT))
        confined = site.sandbox.confine(argv, workspace, folder, site.budget_s)
        source = [str(confined.root / "src")] if (workspace.root / "src").is_dir() else []
        setup = {
            "root": str(confined.root),
            "mapped_from": str(workspace.root),
            "scratch": str(confined.temporary / "pytest"),
            "import_from": [str(confined.root), *source],
            "outside": [str(confined.root / path) for path in workspace.linked],
        }
        environment = test_environment(os.environ, str(confined.temporary))
        runner = start_runner(confined, environment, setup, folder / "stderr", deadline)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Bed(site=site, folder=folder, workspace=workspace, confined=confined, runner=runner)
