"""The server object: settings, session, and the parts that serve them, brought to life when the first document opens.

Nothing heavy happens at start-up: the engine's process, the gate's model and the database wait for a document.
"""

import asyncio
import logging
import os
from collections.abc import Coroutine, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from tactful import __version__, paths
from tactful.backends.local import LocalBackend
from tactful.config import Settings
from tactful.core.errors import ModelUnusable, StoreError, VerifyError
from tactful.core.gate import GatePolicy
from tactful.lsp.clock import SystemClock
from tactful.lsp.diagnostics import Board
from tactful.lsp.extensions import STATUS
from tactful.lsp.fixes import Offers
from tactful.lsp.guard import log_failure
from tactful.lsp.indexing import IndexProgress
from tactful.lsp.logs import set_level
from tactful.lsp.measuring import Measuring
from tactful.lsp.models import Models
from tactful.lsp.protocol import TactfulProtocol
from tactful.lsp.session import Session
from tactful.lsp.status import Status, StatusBoard, wants_status
from tactful.lsp.verdicts import Verdicts
from tactful.processes.pauses import spare_what_is_loaded

if TYPE_CHECKING:
    from tactful.acceptance.adaptation import AdaptiveScorer
    from tactful.feedback.store import SqliteStore
    from tactful.lsp.outcomes import OutcomeRecorder
    from tactful.verify.client import Verifier

__all__ = ["TactfulServer"]

_log = logging.getLogger(__name__)
_LONGEST_START_S = 3.0
_LEARN_EVERY_S = 600.0  # how often it is asked whether there is enough to learn from


class TactfulServer(LanguageServer):
    """One client's server."""

    def __init__(self) -> None:
        super().__init__("tactful", __version__, protocol_cls=TactfulProtocol)
        self.clock = SystemClock()
        self.settings = Settings()
        self.options_at_start: object = None
        self.section: object = None  # what the editor last said of its section `tactful`
        self.settings_known = asyncio.Event()  # set once the client has answered, or cannot be asked
        self.session = Session()
        self.status = StatusBoard(self._tell_status)
        self.engine = self._new_engine()
        self.models = Models(self)
        self.offers = Offers()
        self.board = Board(self._publish)
        self.verdicts = Verdicts()
        self.measuring = Measuring(self._measure, self.spawn, self.clock.monotonic)
        self.scorer: AdaptiveScorer | None = None
        self._awake = False
        self._stopped = False
        self._starting: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._said: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @cached_property
    def store(self) -> "SqliteStore":
        """Return the memory of decisions and outcomes; its library is loaded when the first document opens."""
        from tactful.feedback.store import SqliteStore

        return SqliteStore(paths.database(), on_problem=self._warn_from_thread)

    @cached_property
    def outcomes(self) -> "OutcomeRecorder":
        """Return what watches over the suggestions that were shown."""
        from tactful.feedback.outcomes import OutcomeTracker
        from tactful.lsp.learning import LearningStore
        from tactful.lsp.outcomes import OutcomeRecorder

        store = LearningStore(self.store, self.session.decision, lambda: self.scorer)
        return OutcomeRecorder(OutcomeTracker(), store, self.clock)

    @cached_property
    def verifier(self) -> "Verifier":
        """Return what runs tests; its library is loaded when the first tests are to run."""
        from tactful.verify.client import Verifier

        return Verifier()

    @property
    def encoding(self) -> str:
        """Return the position encoding agreed with the client."""
        return str(self.workspace.position_encoding or types.PositionEncodingKind.Utf16)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the workspace's folders on disk."""
        uris = list(self.workspace.folders) or ([self.workspace.root_uri] if self.workspace.root_uri else [])
        folders = (to_fs_path(uri) for uri in uris)
        return tuple(Path(folder) for folder in folders if folder)

    @property
    def policy(self) -> GatePolicy:
        """Return how the gate decides, as the settings have it."""
        gate = self.settings.gate
        return GatePolicy(
            mode=gate.mode,
            exploration=gate.exploration,
            max_lost=gate.max_lost_accepts,
            max_delay_ms=gate.max_delay_ms,
            pace=self.outcomes.pace.pace(),
        )

    def python(self, root: Path) -> Path | None:
        """Return the user's interpreter for `root`, None where there is none."""
        from tactful.verify.interpreter import find_interpreter

        configured = Path(self.settings.verify.python) if self.settings.verify.python else None
        try:
            return find_interpreter(root, configured, os.environ)
        except VerifyError as error:
            _log.info("no interpreter to index: %s", error)
            return None

    def use(self, settings: Settings, problems: tuple[str, ...]) -> None:
        """Take over new settings; each problem is said once."""
        other_python = settings.verify.python != self.settings.verify.python
        self.settings = settings
        set_level(settings.log.level)
        if other_python:
            self.restart_engine()
        self.models.use(settings)
        for problem in problems:
            self.warn_once(problem)

    def wake(self) -> None:
        """Start the engine and load the gate's model, once; called when the first document opens."""
        if self._awake:
            return
        self._awake = True
        self._loop = asyncio.get_running_loop()
        self.spawn(asyncio.to_thread(self._load_gate), "loading the gate")
        self.spawn(self._load_pace(), "loading the pace")
        self.spawn(self._learn(), "learning from outcomes")
        self._starting.add(self.spawn(self._start_engine(), "starting the engine"))
        self.models.begin()
        spare_what_is_loaded()

    def restart_engine(self) -> None:
        """Begin anew with other folders or another interpreter; nothing happens before the first document opens."""
        if not self._awake:
            return
        old, self.engine = self.engine, self._new_engine()
        self.spawn(old.close(), "ending the engine")
        self._starting.add(self.spawn(self._start_engine(), "starting the engine"))
        for document in self.session.documents.values():
            self.engine.open_document(document.uri, to_fs_path(document.uri), document.language_id, document.text)
        self.models.restart()

    @property
    def awake(self) -> bool:
        """Return whether a document has been opened."""
        return self._awake

    def spawn(self, work: Coroutine[Any, Any, Any], what: str) -> asyncio.Task[Any]:
        """Run `work` in the background and return its task; a failure is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

        def done(finished: asyncio.Task[Any]) -> None:
            self._tasks.discard(finished)
            self._starting.discard(finished)
            if not finished.cancelled() and (error := finished.exception()) is not None:
                log_failure(what, error)

        task.add_done_callback(done)
        return task

    def warn_once(self, message: str) -> None:
        """Show a warning in the editor, the first time only."""
        if message not in self._said:
            self._said.add(message)
            _log.warning("%s", message)
            self.tell(message, types.MessageType.Warning)

    def _publish(self, uri: str, diagnostics: Sequence[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics))

    def _tell_status(self, status: Status) -> None:
        if wants_status(self.client_capabilities):
            self.protocol.notify(STATUS, status.to_json())

    def _warn_from_thread(self, message: str) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.warn_once, message)

    def tell(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message in the editor, without what looks like a secret."""
        from tactful.privacy.redact import scrub

        self.window_show_message(types.ShowMessageParams(type=kind, message=scrub(message)))

    async def stop(self) -> None:
        """End every process and write what is still to be written."""
        if self._stopped:
            return
        self._stopped = True
        self.status.stop()
        self.measuring.stop()
        if "verifier" in self.__dict__:
            await self.verifier.close()
        if not self._awake:
            return
        self.outcomes.stop()
        # A subprocess that is being started must not be cancelled: asyncio would wait for it without end.
        if self._starting:
            await asyncio.wait(self._starting, timeout=_LONGEST_START_S)
        for task in list(self._tasks):
            task.cancel()
        await self.models.close()
        await self.engine.close()
        await asyncio.to_thread(self.store.close)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what pygls would show to the user."""
        log_failure("the protocol", error)

    async def _measure(self, uri: str) -> None:
        # Here, because handlers import the server.
        from tactful.lsp.handlers.verify import measure

        await measure(self, uri)

    def _load_gate(self) -> None:
        from tactful.lsp.learning import remembered_scorer

        try:
            self.scorer = remembered_scorer(paths.own_gate(), paths.database(), self._warn_from_thread)
        except ModelUnusable as error:
            self._warn_from_thread(str(error))

    async def _load_pace(self) -> None:
        from tactful.feedback.pace import remembered_pace

        self.outcomes.pace = await asyncio.to_thread(remembered_pace, paths.database())

    async def _learn(self) -> None:
        """Remember the last outcomes of earlier sessions, and learn anew whenever there is much to learn from."""
        from tactful.lsp.learning import learn_anew

        try:
            self.outcomes.resume(await asyncio.to_thread(self.store.recent_history))
        except StoreError as error:
            _log.info("the gate remembers nothing of earlier sessions: %s", error)
        while True:
            await asyncio.sleep(_LEARN_EVERY_S)
            said = await learn_anew()
            if said is not None:
                _log.info("%s", said)
                await asyncio.to_thread(self._load_gate)

    def _new_engine(self) -> LocalBackend:
        return LocalBackend(cache_dir=paths.cache_dir(), on_status=IndexProgress(self).show)

    async def _start_engine(self) -> None:
        roots = self.roots
        await self.engine.start(roots=roots, python=self.python(roots[0] if roots else Path.home()))
