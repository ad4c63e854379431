"""Confine this process, then become the command: `confine.py SETTINGS COMMAND...`, SETTINGS being one JSON object.

It runs under Tactful's own interpreter and imports nothing of Tactful, so that it starts fast. It sets limits, asks to
die with its parent, and, where the settings name paths, closes the file system with Landlock and the network with a
seccomp filter. If any step that was asked for fails, the command is not run (exit code 96).
"""

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

CANNOT = 96  # exit code: the confinement that was asked for could not be set up

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 36, 38, 22
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_PATH_BENEATH = 1

# Rights from linux/landlock.h, with the ABI that brought them.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)
_NET_ALL = 0b11  # bind and connect over TCP, since ABI 4
_SCOPE_ALL = 0b11  # abstract unix sockets and signals, since ABI 6

# Audit architecture and the number of the socket call, from linux/audit.h and the tables of system calls.
_SOCKET_CALL = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EACCES
_IO_URING_SETUP, _X32_CALLS = 425, 0x40000000


def landlock_abi() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(0, int(found))


def closes_network(abi: int) -> str:
    """Return what would close the network under Landlock `abi`, in words; empty when nothing would."""
    if platform.machine() in _SOCKET_CALL:
        return "no sockets (seccomp)"
    return "no TCP (Landlock)" if abi >= 4 else ""


def main(arguments: list[str]) -> None:
    settings: dict[str, Any] = json.loads(arguments[0])
    try:
        set_limits(settings["limits"])
        if sys.platform == "linux":
            call(ctypes.CDLL(None, use_errno=True).prctl, _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            # Orphans stay in the family.
            call(ctypes.CDLL(None, use_errno=True).prctl, _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if settings["readable"]:
            call(ctypes.CDLL(None, use_errno=True).prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            close_file_system(settings["readable"], settings["writable"])
            close_network()
    except OSError as error:
        sys.stderr.write(f"confinement failed: {error}\n")
        sys.exit(CANNOT)
    os.execv(arguments[1], arguments[1:])  # noqa: S606 - this is what the program is for


def call(function: Any, *arguments: int) -> int:
    result = int(function(*[ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def set_limits(limits: dict[str, int]) -> None:
    """Lower each resource limit to the given value; a limit that is lower already stays."""
    for name, wanted in limits.items():
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))


def close_file_system(readable: list[str], writable: list[str]) -> None:
    """Allow reading below `readable`, reading and writing below `writable`, and nothing else."""
    libc = ctypes.CDLL(None, use_errno=True)
    abi = landlock_abi()
    handled = 0
    for since, rights in _RIGHTS_BY_ABI.items():
        handled |= rights if abi >= since else 0
    attributes = struct.pack("=QQQ", handled, _NET_ALL if abi >= 4 else 0, _SCOPE_ALL if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = call(libc.syscall, _CREATE_RULESET, ctypes.create_string_buffer(attributes), size, 0)  # type: ignore[arg-type]
    for path in readable:
        allow(libc, ruleset, path, _READ)
    for path in writable:
        allow(libc, ruleset, path, handled)
    call(libc.syscall, _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    if not os.path.isdir(path):  # noqa: PTH112 - this file is to start fast
        rights &= _ON_FILES
    rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, fd))
    call(libc.syscall, _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)  # type: ignore[arg-type]
    os.close(fd)


def close_network() -> None:
    """Refuse to open sockets, where the architecture's call numbers are known; pairs of connected ones stay."""
    known = _SOCKET_CALL.get(platform.machine())
    if known is None:
        return
    architecture, number = known
    instructions = [
        (0x20, 0, 0, 4),  # load the architecture
        (0x15, 0, 5, architecture),  # another one's numbers mean other calls: refuse
        (0x20, 0, 0, 0),  # load the number of the call
        (0x35, 3, 0, _X32_CALLS),  # the third set of numbers of x86: refuse
        (0x15, 2, 0, number),
        (0x15, 1, 0, _IO_URING_SETUP),  # it could open sockets without the call
        (0x06, 0, 0, _ALLOW),
        (0x06, 0, 0, _DENY),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in instructions))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(instructions), ctypes.addressof(code)))
    call(ctypes.CDLL(None, use_errno=True).prctl, _PR_SET_SECCOMP, 2, ctypes.addressof(program), 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
