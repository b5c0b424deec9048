import * as assert from 'node:assert';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { findServer, interpreterIn } from '../src/findServer';

const nowhere = { setting: '', interpreters: [], searchPath: '' };

suite('finding the server', () => {
    let folder: string;
    suiteSetup(async () => (folder = await mkdtemp(path.join(tmpdir(), 'tracemend-find-'))));
    suiteTeardown(() => rm(folder, { recursive: true }));

    async function program(name: string, exitCode: number): Promise<string> {
        const file = path.join(folder, name);
        await writeFile(file, `#!/bin/sh\nexit ${exitCode}\n`);
        await chmod(file, 0o755);
        return file;
    }

    test('the setting goes before everything', async () => {
        const found = await findServer({ ...nowhere, setting: '/opt/tracemend', interpreters: [await program('a', 0)] });
        assert.deepStrictEqual([found?.command, found?.args], ['/opt/tracemend', ['lsp']]);
    });

    test('of the interpreters the first that has it is taken', async () => {
        const [without, having] = [await program('without', 1), await program('having', 0)];
        const found = await findServer({ ...nowhere, interpreters: [path.join(folder, 'gone'), without, having] });
        assert.strictEqual(found?.command, having);
    });

    test('the search path comes last, and relative entries of it do not count', async () => {
        const file = await program('tracemend', 0);
        const relative = path.relative(process.cwd(), folder);
        assert.strictEqual(await findServer({ ...nowhere, searchPath: relative }), undefined);
        assert.strictEqual((await findServer({ ...nowhere, searchPath: `/nowhere:${folder}` }))?.command, file);
    });

    test('nothing is found where nothing is', async () => {
        assert.strictEqual(await findServer(nowhere), undefined);
        assert.ok(interpreterIn('/env').startsWith('/env'));
    });
});
