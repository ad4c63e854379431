"""The model in the server: made from the settings, told of edits, and heard when something is wrong.

With `network: never` or mode `local` nothing here exists and no library for connections is loaded.
"""

import asyncio
from typing import TYPE_CHECKING, cast

from lsprotocol import types
from pygls.uris import to_fs_path

from tactful import paths
from tactful.config import BackendSettings, Settings
from tactful.core.ports import Backend
from tactful.core.text import Document
from tactful.core.types import CompletionRequest
from tactful.lsp.consult import answer_from
from tactful.verify import ModelUse, Question, Reply, StrategyName

if TYPE_CHECKING:
    from tactful.backends.remote import ModelBackend, ModelStatus
    from tactful.lsp.server import TactfulServer
    from tactful.privacy.egress import EgressLog
    from tactful.retrieval import WorkspacePrompts

__all__ = ["Models"]

_OFFLINE = ("refused", "unreachable", "timeout")  # the model may be well, but is not there
_NEVER = "`backend.mode` asks for a model, but `network` is `never`: the embedded engine answers alone."


class Models:
    """The model backend that the settings ask for, if any."""

    def __init__(self, server: "TactfulServer") -> None:
        self._server = server
        self._made_for: tuple[BackendSettings, str] | None = None
        self._model: ModelBackend | None = None
        self._source: Backend | None = None
        self._prompts: WorkspacePrompts | None = None
        self._egress: EgressLog | None = None
        self.status: ModelStatus | None = None
        self._said: set[str] = set()

    @property
    def source(self) -> Backend:
        """Return where completions come from: the engine, or the engine and a model."""
        return self._source or self._server.engine

    def use(self, settings: Settings) -> None:
        """Take over the settings; a model whose settings stay the same goes on."""
        wanted = (settings.backend, settings.network)
        if wanted != self._made_for:
            self._made_for = wanted
            self._end()
            self._said.clear()  # what was wrong may be wrong again, and is news then
            self.begin()

    def restart(self) -> None:
        """Begin anew beside another engine, with other folders."""
        self._end()
        self.begin()

    def begin(self) -> None:
        """Make the model, once the server is awake."""
        settings = self._server.settings
        if not self._server.awake or settings.backend.mode == "local":
            return
        if settings.network == "never":
            self._server.warn_once(_NEVER)
            return
        self._model = self._new_model(settings.backend)
        self._server.spawn(self._model.start(), "opening the model")
        from tactful.backends.hybrid import HybridBackend

        hybrid = settings.backend.mode == "hybrid"
        self._source = HybridBackend(engine=self._server.engine, model=self._model, engine_first=hybrid)

    def opened(self, document: Document) -> None:
        """Take in a document that was opened."""
        if self._prompts is not None:
            self._prompts.open_document(document.uri, to_fs_path(document.uri), document.text)

    def changed(self, uri: str, text: str, offset: int) -> None:
        """Take in a document's new text, which was edited at `offset`."""
        if self._model is not None and self._prompts is not None:
            self._prompts.change_document(uri, text, offset)
            self._model.changed(uri, text)

    def saved(self, path: str) -> None:
        """Take in that a file was saved."""
        if self._prompts is not None:
            self._prompts.saved(path)

    def closed(self, uri: str) -> None:
        """Take in that a document was closed."""
        if self._model is not None and self._prompts is not None:
            self._prompts.close_document(uri)
            self._model.forget(uri)

    def accepted(self, document: Document, offset: int, path: str | None) -> None:
        """Ask for what comes next, behind a suggestion that was accepted."""
        if self._model is not None and self._server.settings.backend.prefetch:
            request = CompletionRequest(
                uri=document.uri, path=path, language_id=document.language_id, text=document.text, offset=offset
            )
            self._server.spawn(self._model.prefetch(request), "asking in advance")

    def use_for_repair(self) -> ModelUse | None:
        """Return how a repair may ask the model; None where there is none, or it is not to be asked."""
        backend, chosen = self._server.settings.backend, self._server.settings.verify
        if chosen.model == "off" or not self._is_allowed():
            return None
        return ModelUse(
            name=backend.model,
            strategy=cast(StrategyName, chosen.strategy),  # the setting's choices are strategies
            max_samples=int(chosen.max_samples),
            max_tokens=int(chosen.max_tokens),
            context_chars=int(backend.context_chars),
        )

    async def answer(self, question: Question) -> Reply:
        """Put a repair's question to the model, within its budgets; the egress log has it."""
        if self._model is None and self._is_allowed():
            self._server.wake()  # no document was opened yet
        if self._model is None:
            return Reply(trouble="No model is configured any more.")
        return await answer_from(self._model, question)

    def _is_allowed(self) -> bool:
        settings = self._server.settings
        return settings.backend.mode != "local" and settings.network != "never"

    async def close(self) -> None:
        """Close every connection."""
        model, prompts = self._model, self._prompts
        self._model = self._source = self._prompts = None
        if model is not None and prompts is not None:
            await model.close()
            await prompts.close()
        if self._egress is not None:
            await asyncio.to_thread(self._egress.close)

    def _end(self) -> None:
        if self._model is not None and self._prompts is not None:
            self._server.spawn(self._model.close(), "closing the model")
            self._server.spawn(self._prompts.close(), "closing the index of prompts")
        self._model = self._prompts = self._source = self.status = None
        self._server.status.well()

    def _new_model(self, chosen: BackendSettings) -> "ModelBackend":
        from tactful.backends.remote import EndpointSettings, Limits, ModelBackend
        from tactful.privacy.egress import EgressLog

        self._egress = self._egress or EgressLog(paths.egress_log())
        return ModelBackend(
            EndpointSettings(
                base_url=chosen.base_url,
                model=chosen.model,
                template=chosen.template,
                api_key_env=chosen.api_key_env,
                timeout_ms=chosen.timeout_ms,
                context_chars=int(chosen.context_chars),
                proxy=chosen.proxy,
                ca_file=chosen.ca_file,
                allow_insecure=chosen.allow_insecure,
            ),
            prompts=self._new_prompts(),
            egress=self._egress,
            clock=self._server.clock,
            limits=Limits(
                requests=chosen.requests_per_hour,
                tokens=chosen.tokens_per_hour,
                cost=chosen.cost_per_hour,
                price_in=chosen.price_in,
                price_out=chosen.price_out,
            ),
            on_status=self._heard,
        )

    def _new_prompts(self) -> "WorkspacePrompts":
        """Return what gathers prompts; it begins to index the workspace, and knows the documents that are open."""
        from tactful.retrieval import WorkspacePrompts

        server = self._server
        self._prompts = WorkspacePrompts(cache_dir=paths.cache_dir(), roots=server.roots, on_problem=server.warn_once)
        server.spawn(self._prompts.start(), "indexing for prompts")
        for document in server.session.documents.values():
            self._prompts.open_document(document.uri, to_fs_path(document.uri), document.text)
        return self._prompts

    def _heard(self, status: "ModelStatus") -> None:
        """Take in the model's state: it shows in the status, and each cause of trouble is said once."""
        self.status = status
        if status.phase == "ready":
            self._server.status.well()
        if not status.cause:
            return
        self._server.status.trouble("offline" if status.cause in _OFFLINE else "modelError", status.message)
        if status.cause not in self._said:
            self._said.add(status.cause)
            self._server.tell(f"{status.message} The embedded engine goes on.", types.MessageType.Warning)
