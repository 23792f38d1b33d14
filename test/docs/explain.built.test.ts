import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gigasim } from '../cli/gigasim.js';

const README = new URL('../../README.md', import.meta.url);
const PINNED_NODE_MAJOR = '20';
const OUTPUT = /(?<=<!-- explain:start -->\n)[^]*?(?=<!-- explain:end -->)/;
const COMMAND = 'explain tiny-policies --policy fair-share+easy@pack';

it.skipIf(process.versions.node.split('.')[0] !== PINNED_NODE_MAJOR)(
  'the README shows what its explain command prints (GIGASIM_WRITE_DOCS=1 writes it)',
  async () => {
    const { code, stdout } = await gigasim([...COMMAND.split(' '), '--quiet']);
    expect(code).toBe(0);
    const block = `\n\`\`\`text\n$ gigasim ${COMMAND}\n${stdout}\`\`\`\n\n`;
    const text = readFileSync(README, 'utf8');
    const replaced = text.replace(OUTPUT, () => block);
    if (process.env['GIGASIM_WRITE_DOCS'] === '1') writeFileSync(README, replaced);
    else expect(OUTPUT.exec(text)?.[0]).toBe(block);
  },
);
