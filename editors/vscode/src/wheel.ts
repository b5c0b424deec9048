/**
 * The server's wheel that travels with this plug-in, compressed as a whole by `scripts/compress.mjs`.
 *
 * pip reads no such file, so it is unpacked where VS Code lets a plug-in keep files of its own.
 */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const packedEnding = '.br';

/** Unpack the wheel in `wheels` into `storage` and return where it is now, undefined if none was packaged. */
export async function unpackWheel(wheels: string, storage: string): Promise<string | undefined> {
    const names = await readdir(wheels).catch(() => []);
    const packed = names.find((name) => name.endsWith(`.whl${packedEnding}`));
    if (packed === undefined) {
        return undefined;
    }
    const content = await promisify(brotliDecompress)(await readFile(path.join(wheels, packed)));
    const wheel = path.join(storage, packed.slice(0, -packedEnding.length));
    await mkdir(storage, { recursive: true });
    await writeFile(wheel, content);
    return wheel;
}
