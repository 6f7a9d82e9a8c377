// Chromium with a virtual authenticator, which keeps passkeys and checks who is there.
import { chromium } from 'playwright-core';

const { CHROMIUM = '/usr/bin/chromium' } = process.env;

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });

export const withAuthenticator = async (context, page) => {
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2',
            transport: 'internal',
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    });
};
