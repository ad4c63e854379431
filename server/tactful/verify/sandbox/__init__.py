"""What keeps the user's tests from doing harm: bubblewrap or Landlock, on macOS sandbox-exec, else a refusal.

A sandbox turns the command that starts the fork server into one that is confined: the workspace's copy and a private
temporary folder can be written, nothing else; there is no network; the environment holds no secrets; processor time,
memory, file size and processes are limited.
"""

from tactful.verify.sandbox.choose import Confined, Sandbox, available_sandbox, choose_sandbox

__all__ = ["Confined", "Sandbox", "available_sandbox", "choose_sandbox"]
