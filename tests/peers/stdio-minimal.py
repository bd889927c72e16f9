"""A server by hand, a line of JSON at a time, with nothing but the standard library: it has one tool, `echo`."""

import json
import os
import sys


def answer(method, params):
    if method == "initialize":
        return {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "minimal-python", "version": "1.0.0"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        schema = {"type": "object", "properties": {"text": {"type": "string"}}}
        return {"tools": [{"name": "echo", "inputSchema": schema}]}
    if method == "tools/call":
        said = {"text": params.get("arguments", {}).get("text"), "args": sys.argv[1:], "pid": os.getpid()}
        return {"content": [{"type": "text", "text": json.dumps(said)}]}
    return None


for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message or "method" not in message:
        continue
    response = {"jsonrpc": "2.0", "id": message["id"]}
    result = answer(message["method"], message.get("params") or {})
    if result is None:
        response["error"] = {"code": -32601, "message": f"Method not found: {message['method']}"}
    else:
        response["result"] = result
    print(json.dumps(response), flush=True)
