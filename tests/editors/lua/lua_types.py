"""Says where the types that the Lua files declare do not hold: lua_types.py FOLDER SERVER...; ends with 1 if not.

SERVER is the command of the EmmyLua language server, which knows the annotations of LuaLS. It has no command line that
checks, so it is asked as an editor asks it. $VIMRUNTIME names the folder with the types of Neovim's functions.
"""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class Server:
    """The language server: one request at a time."""

    def __init__(self, command: list[str]) -> None:
        argv = [*command, "--editor", "neovim"]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdin
        assert self._process.stdout
        self._into, self._out_of = self._process.stdin, self._process.stdout
        self._numbers = itertools.count()

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """Send a request and return its result; answer what the server asks meanwhile with nothing."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                items = (message["params"] or {}).get("items", [])
                self._send({"id": message["id"], "result": [None] * len(items) or None})
            elif message.get("id") == number and "method" not in message:
                return message["result"]

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._into.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._into.flush()

    def _read(self) -> dict[str, Any]:
        length = 0
        while line := self._out_of.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            raise SystemExit("the language server has ended")
        message: dict[str, Any] = json.loads(self._out_of.read(length))
        return message


def main() -> int:
    """Check all Lua files of the folder and print what is wrong."""
    folder, server = Path(sys.argv[1]).resolve(), Server(sys.argv[2:])
    try:
        found = list(problems(server, folder))
    finally:
        server.close()
    print("\n".join(found) or "the types of the Lua files hold")
    return 1 if found else 0


def problems(server: Server, folder: Path) -> list[str]:
    """Return what the server says of each file."""
    capabilities = {"textDocument": {"diagnostic": {}}, "workspace": {"configuration": True}}
    root = {"uri": folder.as_uri(), "name": folder.name}
    server.ask("initialize", {"processId": None, "workspaceFolders": [root], "capabilities": capabilities})
    server.tell("initialized", {})
    files = sorted(folder.rglob("*.lua"))
    if not files:
        raise SystemExit(f"no Lua files in {folder}")
    for file in files:
        document = {"uri": file.as_uri(), "languageId": "lua", "version": 1, "text": file.read_text()}
        server.tell("textDocument/didOpen", {"textDocument": document})
    return [line for file in files for line in problems_of(server, file)]


def problems_of(server: Server, file: Path) -> list[str]:
    """Return what the server says of one file."""
    answer = server.ask("textDocument/diagnostic", {"textDocument": {"uri": file.as_uri()}})
    return [
        f"{file}:{item['range']['start']['line'] + 1}: {item['message']} ({item.get('code')})"
        for item in answer["items"]
    ]


if __name__ == "__main__":
    sys.exit(main())
