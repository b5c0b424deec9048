// A real failing project from open to mended, with pictures and times:
//
//     node walk.mjs ADDRESS FOLDER PICTURES EXTENSION
//
// FOLDER is a copy of boltons 25.0.0 with the two tests of its issue 454, as tests/editors/vscode_walk.py lays it out.
// Prints one line for each step: the seconds since the folder was opened, and what is there now.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { withPage } from './browser.mjs';

const [address, folder, pictures, extension] = process.argv.slice(2);
const payload = [['extensionDevelopmentPath', `vscode-remote://${address}${extension}`], ['skipWelcome', 'true']];
const patience_ms = 240_000;
const drawing_ms = 1500; // Until fonts, hints and animations are as they stay.
const status = '#tracemend\\.tracemend\\.tracemend\\.status';
let opened_ms = 0;

await mkdir(pictures, { recursive: true });
await withPage(walk);

async function walk(page) {
    page.setDefaultTimeout(patience_ms);
    try {
        opened_ms = Date.now();
        await page.goto(`http://${address}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
        await page.locator(status, { hasText: '2 failing' }).waitFor();
        await step('the tests have run, two of them fail');
        await show(page, 'tests/test_strutils.py', 'test_args2sh_sep');
        await page.locator('.squiggly-error').first().waitFor();
        await picture(page, 'failing', 'the failing tests are marked where they fail');
        await mend(page, 'args2sh', "return ' '.join(ret_list)", 'sep.join(ret_list)');
        await page.locator(status, { hasText: '1 failing' }).waitFor();
        await picture(page, 'one-left', 'the first is mended and saved, the second is left');
        await mend(page, 'args2cmd', "result.append(' ')", 'result.append(sep)');
        await page.locator(status, { hasText: /\d+ passed/ }).waitFor();
        await picture(page, 'green', 'all tests pass');
    } catch (problem) {
        await page.screenshot({ path: path.join(pictures, 'walk-problem.png') });
        throw problem;
    }
}

/** Go to the suspected line of `name`, look at the repairs that are offered there, and accept the best. */
async function mend(page, name, before, after) {
    await show(page, 'boltons/strutils.py', before);
    await page.locator(`${status} .codicon-lightbulb`).waitFor();
    await step(`${name}: a repair is found`);
    await line(page, before).click();
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget', { hasText: 'Repair:' }).first().waitFor();
    await picture(page, `${name}-lightbulb`, `${name}: it is in the lightbulb's menu`);
    await page.keyboard.press('Enter'); // The repair is the first in the menu.
    const preview = page.locator('.bulk-edit-panel');
    await preview.locator('.edit-checkbox').first().waitFor(); // Of low confidence: the editor asks for a look.
    await picture(page, `${name}-look`, `${name}: the edit is shown, to be confirmed`);
    await preview.locator('.edit-checkbox').first().click();
    await preview.locator('.monaco-button', { hasText: 'Apply' }).click();
    await line(page, after).waitFor();
    await page.keyboard.press('Control+s');
    await step(`${name}: accepted and saved`);
}

/** Open a file at the line that holds `text`. */
async function show(page, file, text) {
    const lines = (await readFile(path.join(folder, file), 'utf8')).split('\n');
    const number = lines.findIndex((one) => one.includes(text)) + 1;
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input').first().fill(`${file}:${number}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: path.basename(file) }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.tab.active', { hasText: path.basename(file) }).waitFor();
    await line(page, text).waitFor();
}

function line(page, text) {
    return page.locator('.view-line', { hasText: text }).first();
}

async function picture(page, name, what) {
    await step(what);
    await page.waitForTimeout(drawing_ms);
    await page.screenshot({ path: path.join(pictures, `walk-${name}.png`) });
}

async function step(what) {
    console.log(`${((Date.now() - opened_ms) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}
