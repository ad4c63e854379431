"""Where the key for an endpoint is found: the environment variable that is named, else the system's keyring.

The key is never part of a setting, a message or a log. No variable is read that the user has not named: a key for one
service must not travel to another.
"""

import contextlib
import os
from collections.abc import Mapping

from tactful.backends.remote.address import host_of, is_loopback
from tactful.backends.remote.settings import EndpointSettings
from tactful.backends.remote.trouble import Cause, EndpointTrouble

__all__ = ["KEYRING_SERVICE", "find_key"]

KEYRING_SERVICE = "tactful"


def find_key(settings: EndpointSettings, environment: Mapping[str, str] = os.environ) -> str:
    """Return the key, "" where none is kept; may ask the keyring, which can take long. Raises EndpointTrouble."""
    if settings.api_key_env:
        key = environment.get(settings.api_key_env, "").strip()
        if not key:
            raise EndpointTrouble(
                Cause.SETTINGS,
                f"The environment variable {settings.api_key_env}, named in `backend.apiKeyEnv`, is not set where the "
                "editor was started. No model is asked.",
            )
        return key
    return "" if is_loopback(settings.base_url) else _from_keyring(host_of(settings.base_url))


def _from_keyring(host: str) -> str:
    with contextlib.suppress(ImportError):
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError):
            return keyring.get_password(KEYRING_SERVICE, host) or ""
    return ""
