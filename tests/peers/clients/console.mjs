// Somebody at a browser, with a passkey that a virtual authenticator keeps:
// `node console.mjs` with CONSOLE (its URL), CODE (for the first account), GATE (a tool
// server's endpoint), TOKEN (an agent's credential) and CALL (what it calls: a step of
// agent.mjs, about which a person is asked), and SHOTS (a folder for pictures, if they are
// wanted). Prints what was seen, as JSON.
import { mkdirSync } from 'node:fs';
import { launch, withAuthenticator } from './authenticator.mjs';
import { agent } from './held.mjs';

const { CONSOLE, CODE, GATE, SHOTS } = process.env;
const seen = { steps: [], complaints: [] };

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
// What a content security policy refuses is said on the console of the browser.
page.on('console', message => {
    const expected = message.text().includes('status of 401');
    if (['error', 'warning'].includes(message.type()) && !expected) seen.complaints.push(message.text());
});
page.on('pageerror', error => seen.complaints.push(String(error)));

await withAuthenticator(context, page);

const step = async name => {
    const heading = await page.locator('h1').first().textContent();
    seen.steps.push([name, heading]);
};
const picture = async name => {
    if (!SHOTS) return;
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};
const call = () => fetch(GATE, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
});

try {
    await page.goto(CONSOLE);
    await step('first');
    await page.getByLabel('Code').fill('0000-0000-0000-0000');
    await page.getByLabel('Your name').fill('kim');
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    seen.refused = await page.locator('.said.bad').textContent({ timeout: 10_000 });
    seen.complaints = [];
    await page.getByLabel('Code').fill(CODE);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.waitForURL('**/approvals');
    await step('enrolled');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await step('signed out');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await step('signed in');

    await call();
    await page.goto(`${CONSOLE}/decisions`);
    await step('decisions');
    await page.locator('.live.on').waitFor();
    const before = await page.locator('a.row').count();
    await call();
    await page.locator('li.fresh').waitFor();
    seen.live = [before, await page.locator('a.row').count()];
    // By keyboard alone.
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/decisions/*');
    seen.command = await page.locator('code.command').first().textContent();
    const decision = page.url();

    await page.goto(`${CONSOLE}/approvals`);
    await step('approvals');
    const called = agent();
    await page.getByRole('link', { name: 'Show it' }).click();
    await picture('approvals');
    await page.locator('a.row').last().click();
    seen.asked = await page.locator('pre.exact').textContent();
    await page.getByRole('textbox', { name: 'Why' }).fill('seen and fine');
    await picture('approval');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('link', { name: 'Back to approvals' }).waitFor();
    seen.said = await page.locator('.said').textContent();
    seen.called = await called;

    await page.goto(`${CONSOLE}/approvals/history`);
    seen.history = await page.locator('a.row .badge').allTextContents();
    // What the record says about the call that was approved.
    await page.goto(`${CONSOLE}/decisions`);
    await page.locator('a.row').filter({ hasText: 'test_simple_text' }).first().click();
    await page.waitForURL('**/decisions/*');
    await picture('decision');
    // An agent is stopped, and goes on.
    await page.goto(`${CONSOLE}/agents`);
    await page.locator('td a').first().click();
    const one = page.url();
    seen.turned = [];
    for (const [button, next] of [['Suspend it', 'Let it go on'], ['Let it go on', 'Suspend it']]) {
        await page.getByRole('textbox', { name: 'Why' }).fill('a look at what it did');
        await page.getByRole('button', { name: button }).click();
        await page.getByRole('button', { name: next }).waitFor();
        seen.turned.push(await page.locator('.head .badge').textContent());
    }

    const places = ['/approvals', '/approvals/history', one.slice(CONSOLE.length), '/decisions', decision.slice(CONSOLE.length), '/policies', '/agents', '/health', '/accounts'];
    seen.wide = [];
    for (const [width, scheme] of [[1280, 'light'], [360, 'dark'], [320, 'light'], [1280, 'dark']]) {
        await page.setViewportSize({ width, height: 740 });
        await page.emulateMedia({ colorScheme: scheme });
        for (const [index, place] of places.entries()) {
            await page.goto(CONSOLE + place);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            if (over > 0) seen.wide.push([place, width, over]);
            const [name] = place.slice(1).replaceAll('/', '-').replace(/decisions-.*/, 'decision').split('?');
            await picture(`${index}-${name}-${width}-${scheme}`);
        }
    }
    // The other way round: what works without a script.
    const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
    const still = await plain.newPage();
    await still.goto(`${CONSOLE}/decisions?decision=deny`);
    seen.withoutScript = await still.locator('a.row').count();
    await plain.close();
} catch (error) {
    seen.failed = String(error);
    seen.at = page.url();
} finally {
    await browser.close();
}
console.log(JSON.stringify(seen));
