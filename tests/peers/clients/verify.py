"""Whether PyJWT takes each of some JWTs. On stdin `{keys, issuer, audience, algorithms, typ,
now, tokens}`; on stdout, for each token, its claims or why it is refused."""

import datetime
import json
import sys

import jwt
import jwt.api_jwt

asked = json.load(sys.stdin)
keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(asked["keys"]).keys}


class Clock(datetime.datetime):
    """The time that the test says it is."""

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(asked["now"], tz)


jwt.api_jwt.datetime = Clock


def verify(token):
    header = jwt.get_unverified_header(token)
    if str(header.get("typ")).lower() != asked["typ"]:
        return {"refused": "typ"}
    if header.get("kid") is None and len(keys) == 1:
        key = next(iter(keys.values()))
    else:
        key = keys.get(header.get("kid"))
    if key is None:
        return {"refused": "kid"}
    audience = asked.get("audience")
    options = {"require": ["exp"], "verify_aud": audience is not None}
    return {
        "claims": jwt.decode(
            token,
            key.key,
            algorithms=asked["algorithms"],
            issuer=asked["issuer"],
            audience=audience,
            leeway=30,
            options=options,
        )
    }


verdicts = []
for token in asked["tokens"]:
    try:
        verdicts.append(verify(token))
    except Exception as error:  # whatever it is, it is refused
        verdicts.append({"refused": type(error).__name__})
print(json.dumps(verdicts))
