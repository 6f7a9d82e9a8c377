"""A client on the official Python client that knows MCP_URL and nothing else.

Where to sign in it learns from what it is told there. It takes the steps of MCP_STEPS
(a JSON array of calls) and prints one JSON line for each, with how often its user was
sent to sign in.
"""

import asyncio
import base64
import json
import os
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

REDIRECT = "http://127.0.0.1:9/callback"


def show(line):
    print(json.dumps(line), flush=True)


class Storage:
    """What a client keeps between two starts."""

    tokens = None
    information = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.information

    async def set_client_info(self, information):
        self.information = information


class User:
    """Follows the authorization server until it sends the user back to the client."""

    def __init__(self):
        self.browser = httpx2.AsyncClient(follow_redirects=False, timeout=30)
        self.sign_ins = 0
        self.returned = {}

    async def open(self, url):
        self.sign_ins += 1
        for _ in range(20):
            answer = await self.browser.get(url)
            url = urljoin(url, answer.headers["location"])
            if url.startswith(REDIRECT):
                self.returned = parse_qs(urlsplit(url).query)
                return
        raise RuntimeError("the sign-in goes round in circles")

    async def come_back(self):
        first = lambda name: self.returned.get(name, [None])[0]
        return AuthorizationCodeResult(code=first("code"), state=first("state"), iss=first("iss"))


def end_of(token):
    claims = token.split(".")[1]
    claims += "=" * (-len(claims) % 4)
    return json.loads(base64.urlsafe_b64decode(claims))["exp"]


async def main():
    url = os.environ["MCP_URL"]
    storage, user = Storage(), User()
    metadata = OAuthClientMetadata(
        client_name="a client",
        redirect_uris=[REDIRECT],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(url, metadata, storage, user.open, user.come_back)
    async with httpx2.AsyncClient(auth=auth, timeout=30) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport) as client:
            show({"connected": True, "signIns": user.sign_ins, "scope": storage.tokens.scope})
            # Streams renew it too, while nobody calls.
            known = storage.tokens.access_token
            for step in json.loads(os.environ["MCP_STEPS"]):
                if step.get("wait"):
                    # Until the token has ended, by the clock of whoever gave it, and for
                    # the client, which counts from when it came.
                    ends = end_of(storage.tokens.access_token)
                    ends = max(ends, auth.context.token_expiry_time)
                    await asyncio.sleep(max(0, ends - time.time()) + 0.05)
                    show({"waited": True})
                    continue
                try:
                    result = await client.call_tool(step["call"], step.get("arguments") or {})
                    line = {
                        "isError": bool(result.is_error),
                        "text": result.content[0].text,
                        "meta": result.meta or {},
                    }
                except Exception as error:
                    line = {"error": str(error)}
                line["signIns"] = user.sign_ins
                line["scope"] = storage.tokens.scope
                line["renewed"] = storage.tokens.access_token != known
                known = storage.tokens.access_token
                show(line)
    await user.browser.aclose()


asyncio.run(main())
