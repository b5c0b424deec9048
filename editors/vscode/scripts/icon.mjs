// Draw media/icon.png from media/icon.svg, with a Chromium that is there:  CHROMIUM=/usr/bin/chromium node scripts/icon.mjs

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const media = new URL('../media/', import.meta.url);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body { margin: 0 }</style>${readFileSync(new URL('icon.svg', media), 'utf8')}`);
await page.screenshot({ path: new URL('icon.png', media).pathname, omitBackground: true });
await browser.close();
