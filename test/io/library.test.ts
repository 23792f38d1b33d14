import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLibrary } from '../../src/io/library.js';
import { buildId, builtInScenariosFolder, packageVersion } from '../../src/io/package.js';
import { temporaryFolder } from './temporaryFolder.js';

const root = temporaryFolder();
function put(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}
put('shipped/sites/north.yaml', 'gpus: 1');
put('shipped/sites/south.yaml', 'gpus: 2');
put('shipped/sites/broken.yaml', 'gpus: [1');
put('shipped/sites/notes.txt', 'not a site');
put('shipped/sites/.north.yaml.swp.yaml', 'gpus: 9');
put('shipped/tiny.yaml', 'seed: 1');
put('user/sites/north.yml', 'gpus: 10');
put('user/sites/east.json', '{ "gpus": 4 }');
put('twice/zones/FR.yaml', 'a: 1');
put('twice/zones/FR.json', '{}');

describe('openLibrary', () => {
  const library = openLibrary([join(root, 'shipped'), join(root, 'user')]);

  it('names documents by file name, sorted, of all folders, by kind', () => {
    expect(library.names('site')).toEqual(['broken', 'east', 'north', 'south']);
    expect(library.names('scenario')).toEqual(['tiny']);
    expect(library.names('zone')).toEqual([]);
  });

  it('lets a later folder replace an earlier one', () => {
    expect(library.find('site', 'north')?.value).toEqual({ gpus: 10 });
    expect(library.find('site', 'south')?.value).toEqual({ gpus: 2 });
    expect(library.find('site', 'east')?.value).toEqual({ gpus: 4 });
  });

  it('reads a file only when asked for it, and once', () => {
    put('shipped/sites/south.yaml', 'gpus: 3');
    expect(library.find('site', 'south')).toBe(library.find('site', 'south'));
    expect(() => library.find('site', 'broken')).toThrow(/broken\.yaml:1:\d+: cannot be read/);
  });

  it('finds nothing outside its own lists', () => {
    for (const name of ['../tiny', 'sites/north', 'north.yaml', '', '.', '__proto__', 'constructor']) {
      expect(library.find('site', name)).toBeUndefined();
    }
  });

  it('refuses a missing folder and two files of one name', () => {
    expect(() => openLibrary([join(root, 'absent')])).toThrow(/absent: expected a folder of scenarios/);
    expect(() => openLibrary([join(root, 'twice')]).names('zone')).toThrow(/has the same\. Rename one/);
  });

  it('knows where the scenarios of the package lie', () => {
    expect(builtInScenariosFolder()).toBe(join(import.meta.dirname, '../../scenarios'));
    expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
    expect(buildId()).toMatch(new RegExp(`^${packageVersion().replaceAll('.', '\\.')}\\+[0-9a-f]{12}$`));
  });
});
