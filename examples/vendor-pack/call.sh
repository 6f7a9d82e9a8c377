#!/bin/bash
# Calls a file tool through the gate: call.sh <tool>. Needs GATE and CREDENTIAL.
set -euo pipefail
curl --silent --show-error --max-time 10 "$GATE/mcp/files" \
    -H "Authorization: Bearer $(cat "$CREDENTIAL")" \
    -H 'Content-Type: application/json' \
    -H 'Accept: application/json, text/event-stream' \
    -H 'MCP-Protocol-Version: 2026-07-28' \
    -H 'Mcp-Method: tools/call' \
    -H "Mcp-Name: $1" \
    --data-binary @- <<BODY
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"$1",
 "arguments":{"path":"notes.md","content":"Buy bread.","text":"Buy bread."},
 "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
          "io.modelcontextprotocol/clientCapabilities":{}}}}
BODY
echo
