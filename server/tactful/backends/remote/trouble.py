"""What can go wrong with an endpoint: one cause, one message that says what to do; never text from the server.

A server's own words may quote the prompt or the key, so they are neither shown nor logged.
"""

from enum import StrEnum

from tactful.core.errors import BackendUnavailable

__all__ = ["Cause", "EndpointTrouble", "trouble"]


class Cause(StrEnum):
    """The kinds of trouble that people can tell apart and mend."""

    NETWORK_OFF = "network-off"
    SETTINGS = "settings"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    PROXY = "proxy"
    CERTIFICATE = "certificate"
    UNAUTHORIZED = "unauthorized"
    NO_MODEL = "no-model"
    REJECTED = "rejected"
    NO_INSERT = "no-insert"
    TOO_LONG = "too-long"
    SATURATED = "saturated"
    SERVER_ERROR = "server-error"
    TIMEOUT = "timeout"
    CUT = "cut"
    MALFORMED = "malformed"
    FOREIGN = "foreign"
    BUDGET = "budget"


_MESSAGES = {
    Cause.NETWORK_OFF: "No model is asked: the setting `network` is `never`.",
    Cause.REFUSED: "Nothing answers at {host}. Start the model server, or correct `backend.baseUrl`.",
    Cause.UNREACHABLE: "{host} cannot be reached. Check the network and `backend.baseUrl`.",
    Cause.PROXY: "The proxy between here and {host} does not let the request through. Check `backend.proxy`, or the "
    "variables HTTPS_PROXY and NO_PROXY.",
    Cause.CERTIFICATE: "The certificate of {host} is not trusted here. If your company has its own certificate "
    "authority, name its file in `backend.caFile`.",
    Cause.UNAUTHORIZED: "{host} does not accept the key. Check the variable named in `backend.apiKeyEnv`, or the key "
    "kept for {host} in the system keyring.",
    Cause.NO_MODEL: "{host} does not know the model {model}, or has no such address. Load the model there, or correct "
    "`backend.model` and `backend.baseUrl` (which usually ends in /v1).",
    Cause.REJECTED: "{host} rejects the request for {model} (status {status}). Check `backend.template`: `chat` works "
    "with chat models, `suffix` where the server fills in the middle itself.",
    Cause.NO_INSERT: "{host} cannot fill in the middle with {model}: its template there has no suffix. Take one that "
    "can, such as qwen2.5-coder:1.5b, or set `backend.template` to the model's family or to `chat`.",
    Cause.TOO_LONG: "{host} has too small a context for `backend.contextChars`. Start the server with a larger one, or "
    "lower the setting; prompts are halved until they fit.",
    Cause.SATURATED: "{host} has more requests than it takes; it is left in peace for a while.",
    Cause.SERVER_ERROR: "{host} fails (status {status}). Its own log says why.",
    Cause.TIMEOUT: "{host} takes longer than `backend.timeoutMs` to answer. Use a smaller model, or raise it.",
    Cause.CUT: "{host} broke off in the middle of an answer. Its own log says why.",
    Cause.MALFORMED: "What {host} sends is not an answer of the OpenAI kind. Check `backend.baseUrl`.",
    Cause.FOREIGN: "{host} answers with a page or sends us elsewhere, as a login page or a wrong address does. Check "
    "`backend.baseUrl` and the proxy.",
}


class EndpointTrouble(BackendUnavailable):
    """The endpoint cannot be used now; `retry_after_s` is what it asked for itself, if it did."""

    def __init__(self, cause: Cause, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.retry_after_s = retry_after_s


def trouble(
    cause: Cause, *, host: str, model: str = "", status: int = 0, retry_after_s: float | None = None
) -> EndpointTrouble:
    """Return the error for a cause, in words."""
    return EndpointTrouble(cause, _MESSAGES[cause].format(host=host, model=model, status=status), retry_after_s)
