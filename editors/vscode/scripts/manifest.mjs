// Write the settings of the server into package.json, from the one list that the server has of them.
//
//     node scripts/manifest.mjs PYTHON [--check]
//
// Settings of the plug-in itself (`tracemend.server.*`, `tracemend.trace.*`) are kept as they stand there.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const [python, mode] = process.argv.slice(2);
const file = new URL('../package.json', import.meta.url);
const before = readFileSync(file, 'utf8');
const manifest = JSON.parse(before);
const page = execFileSync(python, ['-m', 'tracemend.server.schema_pages', 'vscode'], { encoding: 'utf8' });
const { properties, restrictedConfigurations } = JSON.parse(page);

const isOurs = (name) => /^tracemend\.(server|trace)\./.test(name);
const { configuration } = manifest.contributes;
const own = Object.entries(configuration.properties).filter(([name]) => isOurs(name));
configuration.properties = { ...Object.fromEntries(own), ...properties };
const { untrustedWorkspaces } = manifest.capabilities;
const ownRestricted = untrustedWorkspaces.restrictedConfigurations.filter(isOurs);
untrustedWorkspaces.restrictedConfigurations = [...ownRestricted, ...restrictedConfigurations];

const after = `${JSON.stringify(manifest, null, 2)}\n`;
if (mode !== '--check') {
    writeFileSync(file, after);
} else if (after !== before) {
    console.error('package.json does not have the settings of the server; run `npm run manifest`.');
    process.exit(1);
}
