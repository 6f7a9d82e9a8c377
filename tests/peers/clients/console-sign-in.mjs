// Somebody at a browser whose team has an identity provider: `node console-sign-in.mjs` with
// CONSOLE (its URL), PERSON (the file that says who they are there), GATE, TOKEN and CALL as
// for console.mjs, and SHOTS (a folder for pictures, if they are wanted). Prints what was
// seen, as JSON.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { launch, withAuthenticator } from './authenticator.mjs';
import { agent } from './held.mjs';

const { CONSOLE, PERSON, SHOTS } = process.env;
const BACK = '**/sign-in/oidc/back*';
const seen = { steps: [], complaints: [] };
const browser = await launch();

const heading = page => page.locator('h1').first().textContent();
const open = async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.on('console', message => {
        const expected = /status of 40[139]/.test(message.text());
        if (['error', 'warning'].includes(message.type()) && !expected) seen.complaints.push(message.text());
    });
    page.on('pageerror', error => seen.complaints.push(String(error)));
    return { context, page };
};
const signIn = page => page.getByRole('button', { name: 'Sign in with' }).click();
// Signs in as far as the way back, which nobody takes: its URL. It is gone by hand, with the
// cookies of the browser: what the identity provider sends on is not held up in a page.
const wayBack = async ({ context }) => {
    const begun = await context.request.post(`${CONSOLE}/sign-in/oidc`, { headers: { origin: CONSOLE } });
    const [, there] = /content="0; url=([^"]+)"/.exec(await begun.text());
    let url = there.replaceAll('&amp;', '&');
    while (!url.startsWith(`${CONSOLE}/sign-in/oidc/back`)) {
        const answer = await context.request.get(url, { maxRedirects: 0 });
        url = new URL(answer.headers().location, url).href;
    }
    return url;
};
const refusal = async (page, url) => {
    await page.goto(url);
    return page.locator('main').textContent();
};
const picture = async (page, name) => {
    if (!SHOTS) return;
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

try {
    const { context, page } = await open();
    await withAuthenticator(context, page);
    await page.goto(CONSOLE);
    seen.steps.push(['first', await heading(page)]);
    await picture(page, 'sign-in');
    await signIn(page);
    await page.waitForURL('**/passkey');
    seen.steps.push(['signed in', await heading(page)]);
    await picture(page, 'passkey');
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.waitForURL('**/approvals');
    const called = agent();
    await page.getByRole('link', { name: 'Show it' }).click();
    await page.locator('a.row').last().click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('link', { name: 'Back to approvals' }).waitFor();
    seen.called = await called;

    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page);
    await page.waitForURL('**/approvals');
    seen.steps.push(['again', await heading(page)]);
    seen.cookies = (await context.cookies(CONSOLE)).map(({ name, sameSite, httpOnly }) => [name, sameSite, httpOnly]);

    // What one browser began, another one does not end, and nobody ends twice.
    const other = await open();
    const back = await wayBack(other);
    const stranger = await open();
    seen.stranger = await refusal(stranger.page, back);
    seen.late = await refusal(other.page, back);
    const third = await wayBack(other);
    await other.page.goto(third);
    await other.page.getByRole('button', { name: 'Sign out' }).waitFor();
    seen.twice = await refusal(stranger.page, third);

    // Somebody else with this name, and this person without a group.
    const person = JSON.parse(readFileSync(PERSON, 'utf8'));
    writeFileSync(PERSON, JSON.stringify({ ...person, sub: 'somebody-else' }));
    const impostor = await open();
    await impostor.page.goto(CONSOLE);
    await signIn(impostor.page);
    await impostor.page.waitForURL(BACK);
    seen.impostor = await impostor.page.locator('main').textContent();
    writeFileSync(PERSON, JSON.stringify({ ...person, groups: ['others'] }));
    const later = await open();
    await later.page.goto(CONSOLE);
    await signIn(later.page);
    await later.page.waitForURL(BACK);
    seen.later = await later.page.locator('main').textContent();
    await page.goto(`${CONSOLE}/approvals`);
    seen.steps.push(['without a group', await heading(page)]);
} catch (error) {
    seen.failed = String(error);
} finally {
    await browser.close();
}
console.log(JSON.stringify(seen));
