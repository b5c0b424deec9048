// Run a mocha suite inside the extension host of a running code-server:
//
//     node host.mjs ADDRESS FOLDER EXTENSION SUITE
//
// VS Code's own test protocol: the page's address names the extension under development and the suite, the page calls
// codeAutomationLog for each line of output and codeAutomationExit at the end. Errors in the console fail the suite too,
// but for three of VS Code itself: looking up a gallery that cannot be reached here, the results of tests in a profile
// that has none yet, and what happens before a save where the machine is so busy that this takes its own extensions long
// (ours does nothing then).

import { withPage } from './browser.mjs';

const [address, folder, extension, suite] = process.argv.slice(2);
const remote = (path) => `vscode-remote://${address}${path}`;
const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(suite)],
    ['skipWelcome', 'true'],
];

const mark = 'REPORT:';
const notOurs = /open-vsx\.org|nonexistent file '[^']*\/testResults'|^Aborted onWillSaveTextDocument-event/;
const errors = [];

function hear(type, parts) {
    const text = parts.join(' ');
    if (text.startsWith(mark)) {
        console.log(text.slice(mark.length));
    } else if (type === 'error' && !notOurs.test(text)) {
        errors.push(text);
    }
}

const code = await withPage(async (page) => {
    const exit = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', hear);
    await page.goto(`http://${address}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    return exit;
});
for (const error of errors) {
    console.log(`in the console: ${error}`);
}
process.exit(code === 0 && errors.length === 0 ? 0 : 1);
