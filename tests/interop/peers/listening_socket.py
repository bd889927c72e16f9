"""A socket for an HTTP peer, and the line that tells a test where it is."""

import os
import socket


def open_socket() -> socket.socket:
    """Listens on PORT, or on any free port, and says so on stdout.

    Connections queue up from here on, so the line may be printed before the server accepts them.
    """
    listening = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    print(f"listening http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)
    return listening
