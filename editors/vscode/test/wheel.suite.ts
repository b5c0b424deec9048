import * as assert from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { unpackWheel } from '../src/wheel';

suite('the wheel that came with the plug-in', () => {
    let folder: string;
    setup(() => (folder = mkdtempSync(path.join(tmpdir(), 'tracemend-wheel-'))));
    teardown(() => rmSync(folder, { recursive: true }));

    test('is unpacked under the name that pip expects, in place of an older one', async () => {
        const storage = path.join(folder, 'storage', 'of this plug-in');
        for (const content of ['first', 'second']) {
            writeFileSync(path.join(folder, 'some-1.0-py3-none-any.whl.br'), brotliCompressSync(content));
            const wheel = await unpackWheel(folder, storage);
            assert.equal(wheel, path.join(storage, 'some-1.0-py3-none-any.whl'));
            assert.equal(readFileSync(wheel ?? '', 'utf8'), content);
        }
    });

    test('is none where none was packaged', async () => {
        assert.equal(await unpackWheel(path.join(folder, 'missing'), folder), undefined);
    });
});
