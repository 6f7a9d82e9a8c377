"""Whoever holds the key of a credential."""

import base64
import hashlib
import json
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ._canonical import CannotProve, canonical, read

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Holder:
    """Give it to an HTTP client as `auth`: it signs what the client sends."""

    def __init__(self, key, credential):
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the key of an agent is an Ed25519 key")
        self._key = key
        self.credential = credential.strip()

    @classmethod
    def from_files(cls, key, credential, password=None):
        """From a PKCS #8 file, and a file with a credential or a chain."""
        return cls.from_pem(Path(key).read_bytes(), Path(credential).read_text(), password)

    @classmethod
    def from_pem(cls, key, credential, password=None):
        """The same, from what stands in them."""
        return cls(serialization.load_pem_private_key(key, password), credential)

    def __call__(self, request):
        """Signs one request of httpx, and the message in it."""
        url = str(request.url)
        if request.method == "POST":
            content = self.with_proof(request.content, url)
            headers = {
                name: value
                for name, value in request.headers.items()
                if name.lower() != "content-length"
            }
            request = type(request)(
                request.method,
                request.url,
                headers=headers,
                content=content,
                extensions=request.extensions,
            )
        request.headers["Authorization"] = f"DPoP {self.credential}"
        request.headers["DPoP"] = self.dpop(request.method, url)
        return request

    def dpop(self, method, url):
        """The proof of an HTTP request."""
        claims = {
            "htm": method,
            "htu": url.split("?")[0].split("#")[0],
            "ath": _sha256(self.credential),
        }
        return self._signed("dpop+jwt", claims)

    def with_proof(self, message, endpoint):
        """A JSON-RPC message with the proof of this very call in it. An answer to a
        question of the server has no place for one, and goes on as it is."""
        document = read(message)
        if not isinstance(document, dict):
            raise CannotProve("the message is no object")
        if not isinstance(document.get("method"), str):
            return message
        params = document.setdefault("params", {})
        if not isinstance(params, dict) or not isinstance(params.setdefault("_meta", {}), dict):
            raise CannotProve("`params` or `_meta` is no object")
        claims = {
            "aud": endpoint.split("?")[0].split("#")[0],
            "method": document["method"],
            "tool": _named(document["method"], params),
            "params_hash": _sha256(canonical(params, without=("_meta",))),
        }
        params["_meta"]["gatewright/proof"] = self._signed("mcp-call+jwt", claims)
        return canonical(document).encode()

    def delegate(self, to, holder, details, ttl_seconds, depth_max=None):
        """A chain for another agent: `details` of this credential, bound to the key of
        `holder`, a did:key. Signing asks nobody; the gate refuses what is more than
        this credential has."""
        parts = self.credential.split("~")
        parent = json.loads(_decoded(parts[-1].split(".")[1]))
        subject = parent.get("credentialSubject") or {}
        now = int(time.time())
        claims = {
            "iss": subject.get("id") or parent["sub"],
            "sub": to,
            "exp": min(now + int(ttl_seconds), parent["exp"]),
            "par_hash": _sha256(parts[-1]),
            "del_depth": len(parts),
            "cnf": {"jwk": _jwk(_of_did(holder))},
            "authorization_details": details,
        }
        if depth_max is not None:
            claims["del_max_depth"] = depth_max
        return f"{self.credential}~{self._signed('agent-delegation+jwt', claims)}"

    def _signed(self, typ, claims):
        public = self._key.public_key().public_bytes_raw()
        header = {"typ": typ, "alg": "EdDSA", "jwk": _jwk(public)}
        claims = {**claims, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_encoded(self._key.sign(signed.encode()))}"


def _named(method, params):
    """What the gate takes a message to name."""
    if method in ("tools/call", "prompts/get"):
        return params.get("name", "")
    if method in ("resources/read", "resources/subscribe", "resources/unsubscribe"):
        return params.get("uri", "")
    if method == "completion/complete":
        reference = params.get("ref", {})
        return reference.get("name") or reference.get("uri") or ""
    if method == "subscriptions/listen":
        uris = params.get("notifications", {}).get("resourceSubscriptions") or [""]
        return uris[0]
    if method in ("tasks/get", "tasks/update", "tasks/cancel"):
        return params.get("taskId", "")
    return ""


def _jwk(public):
    return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(public)}


def _of_did(did):
    """The key of an Ed25519 did:key."""
    if not did.startswith("did:key:z"):
        raise ValueError("`holder` is not a did:key")
    number = 0
    for digit in did[len("did:key:z") :]:
        number = number * 58 + _DIGITS.index(digit)
    key = number.to_bytes(34, "big")
    if key[:2] != b"\xed\x01":
        raise ValueError("`holder` is not an Ed25519 did:key")
    return key[2:]


def _sha256(text):
    return _encoded(hashlib.sha256(text.encode()).digest())


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
