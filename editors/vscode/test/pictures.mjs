// The walk of a user by mouse and keys, with pictures:
//
//     node pictures.mjs ADDRESS FOLDER PICTURES
//
// The extension under development is loaded as the suite of host.mjs has it, without a suite.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { withPage } from './browser.mjs';

const [address, folder, pictures, extension] = process.argv.slice(2);
const payload = [['extensionDevelopmentPath', `vscode-remote://${address}${extension}`], ['skipWelcome', 'true']];
const patience_ms = 240_000;
const menu = { x: 348, y: 36, width: 852, height: 330 };
const drawing_ms = 1500; // Until fonts, hints and animations are as they stay.

await mkdir(pictures, { recursive: true });
await withPage(walk);

async function walk(page) {
    page.setDefaultTimeout(patience_ms);
    const picture = async (name) => {
        await page.waitForTimeout(drawing_ms);
        await page.screenshot({ path: path.join(pictures, `vscode-${name}.png`) });
        console.log(`${name}: ${(await page.locator('#tracemend\\.tracemend\\.tracemend\\.status').innerText()).trim()}`);
    };
    try {
        await page.goto(`http://${address}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
        await open(page, 'test_shop.py');
        await seen(page, '3 passed');
        await command(page, 'Notifications: Clear All Notifications');
        await open(page, 'shop.py');
        await breakIt(page);
        await seen(page, '1 failing');
        await page.locator('.view-lines', { hasText: 'amount = 6' }).waitFor();
        await page.locator('.squiggly-error, .squiggly-warning, .squiggly-info').first().waitFor();
        await picture('failure');
        await page.locator('#tracemend\\.tracemend\\.tracemend\\.status .codicon-lightbulb').waitFor();
        await line(page, 'prices[name]').click();
        await page.keyboard.press('Control+.');
        await page.locator('.action-widget', { hasText: 'Repair:' }).first().waitFor();
        await picture('lightbulb');
        await page.screenshot({ path: path.join(pictures, 'gallery.png'), clip: menu }); // The package is to stay small.
        await page.keyboard.press('Escape');
        await command(page, 'tracemend: Preview Repairs');
        await page.locator('.tab', { hasText: /Repair 1 of/ }).first().waitFor();
        await page.locator('.tab', { hasText: /Evidence/ }).first().waitFor();
        await page.locator('iframe.webview.ready').first().waitFor();
        await picture('preview');
        await page.locator('.editor-actions .action-label[aria-label^="Apply This Repair"]').first().click();
        await line(page, 'prices[name] * count').waitFor();
        await page.keyboard.press('Control+s');
        await seen(page, '3 passed');
        await picture('mended');
        await writeReceipt(page);
        await page.locator('.ghost-text, .ghost-text-decoration').first().waitFor();
        await picture('inline-completion');
        await page.keyboard.press('Tab');
        await line(page, 'return f"Total: {total(cart, prices)}"').waitFor();
        await command(page, 'Testing: Focus on Test Explorer View');
        await page.locator('.test-explorer', { hasText: 'test_shop.py' }).waitFor();
        await expandTests(page);
        await picture('testing-view');
        await command(page, 'Developer: Show Running Extensions');
        const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'tracemend' });
        console.log(`activation: ${(await row.locator('.activation-time').innerText()).trim()}`);
    } catch (problem) {
        await page.screenshot({ path: path.join(pictures, 'vscode-problem.png') });
        throw problem;
    }
}

async function open(page, name) {
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: new RegExp(`^${name}$`) }).dblclick();
    await page.locator('.tab.active', { hasText: name }).waitFor();
}

/** Replace `*` by `+` as a user does, and save. */
async function breakIt(page) {
    await line(page, 'prices[name]').click();
    await page.keyboard.press('End');
    for (let step = 0; step < 'count'.length + 1; step++) {
        await page.keyboard.press('ArrowLeft');
    }
    await page.keyboard.press('Backspace');
    await page.keyboard.type('+');
    await page.keyboard.press('Control+s');
}

/** Begin a function at the end of the file; the model goes on. */
async function writeReceipt(page) {
    await line(page, 'return amount').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n\ndef receipt(cart, prices):\n', { delay: 20 });
    await page.keyboard.type('return ', { delay: 20 });
}

/** Open the tree of tests down to the last parameter. */
async function expandTests(page) {
    await page.locator('.test-explorer .monaco-list-row').first().click();
    for (let row = 0; row < 5; row++) {
        await page.keyboard.press('ArrowRight');
        await page.waitForTimeout(300);
        await page.keyboard.press('ArrowDown');
    }
}

function line(page, text) {
    return page.locator('.view-line', { hasText: text }).first();
}

async function seen(page, text) {
    await page.locator('#tracemend\\.tracemend\\.tracemend\\.status', { hasText: text }).waitFor();
}

async function command(page, title) {
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input').first().fill(`>${title}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: title.split(': ').pop() }).first().waitFor();
    await page.keyboard.press('Enter');
}
