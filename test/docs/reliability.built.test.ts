import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gigasim } from '../cli/gigasim.js';

const README = new URL('../../README.md', import.meta.url);
const PINNED_NODE_MAJOR = '20';
const PLACE = /(?<=<!-- reliability:start -->\n)[^]*?(?=<!-- reliability:end -->)/;

it.skipIf(process.versions.node.split('.')[0] !== PINNED_NODE_MAJOR)(
  'README shows what reliability says of lone gangs (GIGASIM_WRITE_DOCS=1 writes it)',
  async () => {
    const text = readFileSync(README, 'utf8');
    const [command] = /^gigasim reliability .* --only gang.*$/m.exec(text)!;
    const { code, stdout } = await gigasim([...command.split(' ').slice(1), '--quiet']);
    expect(code).toBe(0);
    const [shown] = /^A gang alone [^]*?(?=\n\nETTR: )/m.exec(stdout)!;
    const block = `\n\`\`\`text\n${shown}\n\`\`\`\n\n`;
    if (process.env['GIGASIM_WRITE_DOCS'] === '1')
      writeFileSync(
        README,
        text.replace(PLACE, () => block),
      );
    else expect(PLACE.exec(text)![0]).toBe(block);
  },
);
