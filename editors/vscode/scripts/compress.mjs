// Replace each wheel of a folder by one that is compressed as a whole:  node scripts/compress.mjs FOLDER
//
// An archive compresses each of its files alone, and a wheel of many small modules becomes a quarter smaller when it is
// stored first (`wheel.py`) and then compressed as one piece. Brotli, because Node can read it everywhere.

import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [folder] = process.argv.slice(2);
for (const name of readdirSync(folder).filter((one) => one.endsWith('.whl'))) {
    const content = readFileSync(join(folder, name));
    const params = {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params }));
    unlinkSync(join(folder, name));
}
