#!/bin/bash
# Calls read_file through the gate, signed: call.sh <credential file> <key file> <path>
set -euo pipefail
endpoint="${GATE:-http://127.0.0.1:8700}/mcp/files"
gatewright credential prove --key "$2" --endpoint "$endpoint" --message - <<BODY |
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"$3"},
 "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
          "io.modelcontextprotocol/clientCapabilities":{}}}}
BODY
    curl --silent "$endpoint" \
        -H "Authorization: Bearer $(cat "$1")" \
        -H 'Content-Type: application/json' \
        -H 'Accept: application/json, text/event-stream' \
        -H 'MCP-Protocol-Version: 2026-07-28' \
        -H 'Mcp-Method: tools/call' \
        -H 'Mcp-Name: read_file' \
        --data-binary @-
echo
