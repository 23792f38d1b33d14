import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { capitalRecoveryFactor } from '../../src/economics/annuity.js';
import { CAPITAL_DEFAULTS, FINANCE_DEFAULTS } from '../../src/scenario/defaults.js';
import { EPOCH, gigawattSpec, gigawattTable, gigawattYear } from '../support/gigawatt.js';
import { shippedHardware } from '../power/catalogue.js';

const text = readFileSync('docs/tco.md', 'utf8');

describe('a gigawatt on our defaults, without interest, 5 and 14 years', () => {
  it.each(['gb200-nvl72', 'gb300-nvl72'])('of %s costs what Epoch AI says, within 5 %', (name) => {
    const { total } = gigawattYear(gigawattSpec(name));
    expect(Math.abs(total / EPOCH.total - 1)).toBeLessThan(0.05);
  });

  it('is made up otherwise: our capital is dearer and so is operation, servers are a smaller share', () => {
    const ours = gigawattYear(gigawattSpec('gb300-nvl72'));
    expect(ours.capex / EPOCH.capex).toBeGreaterThan(1.05);
    expect(ours.operation).toBeGreaterThan(4 * EPOCH.operation);
    expect(ours.servers / ours.total).toBeLessThan(EPOCH.servers / EPOCH.total - 0.05);
  });

  it('stands as docs/tco.md prints it', () => {
    expect(text).toContain(gigawattTable());
  });
});

describe('docs/tco.md', () => {
  it('names every default with its value', () => {
    const cell = (key: string): string | undefined =>
      new RegExp(`^\\| \`${key}\` \\|(?:[^|]*\\|)? ([^|]*) \\|`, 'm').exec(text)?.[1]?.trim();
    const defaults = (at: string, of: object): [string, number][] =>
      Object.entries(of).flatMap(([key, value]: [string, { value?: number }]) =>
        value.value === undefined ? defaults(`${at}${key}.`, value) : [[`${at}${key}`, value.value]],
      );
    for (const [key, value] of [...defaults('finance.', FINANCE_DEFAULTS), ...defaults('capital.', CAPITAL_DEFAULTS)]) {
      if (key.startsWith('capital.staffFte')) continue; // in a sentence, below
      expect([key, cell(key)?.replaceAll(/[^0-9.]/g, '')], key).toEqual([key, String(value)]);
    }
  });

  it('names how many people a site has', () => {
    const { staffFteBase, staffFtePerMW } = CAPITAL_DEFAULTS;
    expect(text).toContain(`is ${staffFteBase.value} + ${staffFtePerMW.value} for each MW`);
  });

  it('names the prices of every hardware that has one', () => {
    for (const name of ['h100-sxm', 'gb200-nvl72', 'gb300-nvl72']) {
      const { serverEurPerGpu, networkStorageEurPerGpu, facilityEurMPerMWIt } = shippedHardware(name);
      const numbers = [serverEurPerGpu, networkStorageEurPerGpu, facilityEurMPerMWIt].map((of) =>
        of!.value.toLocaleString('en-GB'),
      );
      expect(text).toContain(`| \`${name}\` | ${numbers.join(' | ')} |`);
    }
  });

  it('works out the capital recovery factors it prints', () => {
    const printed = [...text.matchAll(/CRF\((\d+) %, (\d+)\) = (0\.\d{4})/g)];
    expect(printed.length).toBeGreaterThanOrEqual(4);
    for (const [, percent, years, value] of printed) {
      expect(capitalRecoveryFactor(Number(percent) / 100, Number(years)).toFixed(4)).toBe(value);
    }
  });
});
