// A Chromium page for VS Code's window, which reaches nothing but the address of the test.

import { chromium } from 'playwright-core';

const options = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
];

/** Open a page, hand it to `session`, and close the browser whatever happens; return what the session returns. */
export async function withPage(session) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: options });
    try {
        const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
        return await session(page);
    } finally {
        await browser.close();
    }
}
