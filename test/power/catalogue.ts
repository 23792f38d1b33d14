import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { hardwareSchema, type Hardware } from '../../src/scenario/hardwareSchema.js';
import { siteSchema, type Site } from '../../src/scenario/siteSchema.js';

const SCENARIOS = resolve(import.meta.dirname, '../../scenarios');

const load = (folder: string, name: string): unknown =>
  parse(readFileSync(join(SCENARIOS, folder, `${name}.yaml`), 'utf8'));

export const namesIn = (folder: string): string[] =>
  readdirSync(join(SCENARIOS, folder))
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();

export const shippedHardware = (name: string): Hardware => hardwareSchema.parse(load('hardware', name));
export const shippedSite = (name: string): Site => siteSchema.parse(load('sites', name));
