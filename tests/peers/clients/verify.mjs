// Whether npm `jose` takes each of some JWTs. On stdin `{keys, issuer, audience, algorithms,
// typ, now, tokens}`; on stdout, for each token, its claims or why it is refused.
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, jwtVerify } from 'jose';

const { keys, issuer, audience, algorithms, typ, now, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const keySet = createLocalJWKSet(keys);
const currentDate = new Date(now * 1000);
const verdicts = [];
for (const token of tokens) {
    const options = { issuer, audience, algorithms, typ, currentDate, clockTolerance: 30, requiredClaims: ['exp'] };
    const verdict = await jwtVerify(token, keySet, options).then(
        ({ payload }) => ({ claims: payload }),
        error => ({ refused: error.code ?? String(error) })
    );
    verdicts.push(verdict);
}
console.log(JSON.stringify(verdicts));
