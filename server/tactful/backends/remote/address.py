"""Where an endpoint is, and whether text may be sent there: only over https or to this machine, unless allowed."""

import ipaddress
import re
from urllib.parse import urlsplit

from tactful.backends.remote.settings import EndpointSettings
from tactful.backends.remote.trouble import Cause, EndpointTrouble

__all__ = ["host_of", "is_loopback", "problem_with"]

_VARIABLE = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]*\Z")
_MASK = "`backend.baseUrl` must be an address like http://localhost:11434/v1; no model is asked."


def host_of(base_url: str) -> str:
    """Return host and port of an address, for people and for the keyring, never user or password; "" without one."""
    try:
        parts = urlsplit(base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.hostname or ''}{port}"


def is_loopback(base_url: str) -> bool:
    """Say whether an address is on this machine."""
    name = urlsplit(base_url).hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def problem_with(settings: EndpointSettings) -> EndpointTrouble | None:
    """Return what is wrong with the settings, None if a request may be sent. Never quotes what may be a secret."""
    host = host_of(settings.base_url)
    if not host or urlsplit(settings.base_url).scheme not in ("http", "https"):
        return EndpointTrouble(Cause.SETTINGS, _MASK)
    parts = urlsplit(settings.base_url)
    if parts.username or parts.password or parts.query:
        return EndpointTrouble(
            Cause.SETTINGS,
            "`backend.baseUrl` must hold no user, password or query; put the key into a variable and name it in "
            "`backend.apiKeyEnv`. No model is asked.",
        )
    if parts.scheme == "http" and not is_loopback(settings.base_url) and not settings.allow_insecure:
        return EndpointTrouble(
            Cause.SETTINGS,
            f"No model is asked: {host} is not on this machine and http is not encrypted. Use https, or set "
            "`backend.allowInsecure` if your network is safe.",
        )
    if not settings.model:
        return EndpointTrouble(Cause.SETTINGS, "`backend.model` is empty: name a model that the server has.")
    if settings.api_key_env and not _VARIABLE.match(settings.api_key_env):
        return EndpointTrouble(
            Cause.SETTINGS,
            "`backend.apiKeyEnv` must be the name of an environment variable, such as MISTRAL_API_KEY, not the key "
            "itself. No model is asked.",
        )
    return None
