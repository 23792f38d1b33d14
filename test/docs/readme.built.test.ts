import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFolder } from '../cli/gigasim.js';

const README = new URL('../../README.md', import.meta.url);
const text = readFileSync(README, 'utf8');
const PINNED_NODE_MAJOR = '20';

const OUTPUT = /(?<=<!-- output:start -->\n)[^]*?(?=<!-- output:end -->)/;

/** What `npm start` runs, from package.json. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split('main.js ')[1]!.split(' ');
}

describe('README', () => {
  it('names the two commands first', () => {
    const [first, second] = [...text.matchAll(/^ {4}(npm .*?) +#/gm)].map(([, command]) => command);
    expect([first, second]).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  it.skipIf(process.versions.node.split('.')[0] !== PINNED_NODE_MAJOR)(
    'shows what npm start prints, within 15 % of every reference (GIGASIM_WRITE_DOCS=1 writes it)',
    async () => {
      const { code, stdout } = await gigasim([...startArguments(), '--quiet']);
      expect(code).toBe(0);
      expect(stdout).toContain('All within 15 % once put equal.');
      const block = `\n\`\`\`text\n${stdout}\`\`\`\n\n`;
      if (process.env['GIGASIM_WRITE_DOCS'] === '1')
        writeFileSync(
          README,
          text.replace(OUTPUT, () => block),
        );
      else expect(OUTPUT.exec(text)![0]).toBe(block);
    },
  );

  it.skipIf(process.versions.node.split('.')[0] !== PINNED_NODE_MAJOR)(
    'shows what bench says of three policies, on the terminal and in Markdown',
    async () => {
      const [command] = /^gigasim bench tiny-policies .*$/m.exec(text)!;
      const args = [...command.split(' ').slice(1), '--quiet'];
      const { code, stdout } = await gigasim(args);
      expect(code).toBe(0);
      const [ranking] = /^Ranked by [^]*?(?=\n\nCompletion:)/m.exec(stdout)!;
      const [against] = /^Against [^]*?(?=\n\n± is)/m.exec(stdout)!;
      const markdown = await gigasim([...args, '--markdown', '-']);
      const [first] = /^\| rank [^]*?(?=\n\n)/m.exec(markdown.stdout)!;
      const blocks = [
        ['bench', `\n\`\`\`text\n${ranking}\n\n${against}\n\`\`\`\n\n`],
        ['bench-markdown', `\n${first}\n\n`],
      ] as const;
      for (const [name, block] of blocks) {
        const place = new RegExp(`(?<=<!-- ${name}:start -->\n)[^]*?(?=<!-- ${name}:end -->)`);
        if (process.env['GIGASIM_WRITE_DOCS'] === '1') {
          const now = readFileSync(README, 'utf8');
          writeFileSync(
            README,
            now.replace(place, () => block),
          );
        } else expect(place.exec(text)![0]).toBe(block);
      }
    },
  );

  const [, commands] = /```sh\n([^]*?)```/.exec(text)!;
  it.each(commands!.trim().split('\n'))('%s works', async (command) => {
    const args = command.replace(/(?<=--out )\S+/, temporaryFolder()).split(' ');
    expect(args.shift()).toBe('gigasim');
    const { code, stdout } = await gigasim(args);
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
  });

  it('links to documents that are there', () => {
    for (const [, target] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(() => readFileSync(new URL(`../../${target!}`, import.meta.url)), target).not.toThrow();
    }
  });
});
