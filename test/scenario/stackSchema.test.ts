import { describe, expect, it } from 'vitest';
import type { Library } from '../../src/scenario/sourceDoc.js';
import { openLibrary } from '../../src/io/library.js';
import { STACK_RANGES, stackSchema } from '../../src/scenario/stackSchema.js';
import { defaultStackDoc, stackDocs, stackOf, stackSpec } from '../../src/training/stacks.js';

const library = openLibrary(['scenarios']);
const shipped = library.find('stack', 'nvidia-2025-h100-fp8')!.value as Record<string, object>;

const faults = (change: Record<string, unknown>): string[] => {
  const parsed = stackSchema.safeParse({ ...shipped, ...change });
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
};

const never = (): never => {
  throw new Error('no place is asked for');
};

describe('stacks', () => {
  it('are read as shipped, each named as its file', () => {
    expect(stackDocs(library).map(({ name }) => name)).toEqual(library.names('stack'));
    expect(faults({})).toEqual([]);
  });

  it('have constants inside their physical ranges, with a source, and say whether they were fitted', () => {
    const of = shipped['gemmShare'] as Record<string, unknown>;
    expect(faults({ gemmShare: { ...of, value: STACK_RANGES.gemmShare[1] + 0.01 } })).toEqual(['gemmShare.value']);
    expect(faults({ networkExposure: { ...of, value: 0 } })).toEqual(['networkExposure.value']);
    expect(faults({ gemmShare: 0.8 })).toEqual(['gemmShare']);
    expect(faults({ gemmShare: { ...of, source: undefined } })).toEqual(['gemmShare.source']);
    expect(faults({ gemmShare: { ...of, fitted: undefined } })).toEqual(['gemmShare.fitted']);
  });

  it('refuse keys they do not know: a fourth constant', () => {
    expect(stackSchema.safeParse({ ...shipped, overhead: shipped['gemmShare'] }).success).toBe(false);
  });

  it('refuse a fourth constant in the dress of a fact that rows chose, and say which there are', () => {
    const facts = { ...(shipped['facts'] as object), fitted: ['hierarchical'] };
    const parsed = stackSchema.safeParse({ ...shipped, facts });
    expect(parsed.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      [
        'facts.fitted',
        expect.stringContaining(
          'at most 3 fitted constants, facts chosen by rows included; got gemmShare, scaleUpExposure, networkExposure, hierarchical',
        ),
      ],
    ]);
    const stated = { ...(shipped['scaleUpExposure'] as object), fitted: false };
    expect(stackSchema.safeParse({ ...shipped, facts, scaleUpExposure: stated }).success).toBe(true);
  });

  it('carry their constants and facts into the model', () => {
    const doc = stackDocs(library).find(({ name }) => name === 'zero3-2021-a100')!;
    expect(stackSpec(doc)).toEqual({
      name: 'zero3-2021-a100',
      gemmShare: doc.gemmShare.value,
      scaleUpExposure: doc.scaleUpExposure.value,
      networkExposure: doc.networkExposure.value,
      fusedAttention: false,
      gradientBytes: 2,
      gatherBytes: 2,
      hierarchical: false,
      dropout: true,
    });
  });

  it('are chosen by part and precision', () => {
    expect(stackOf(library, 'gb200-nvl72', 'fp8').name).toBe('nvidia-2026-gb200');
    expect(stackOf(library, 'gb200-nvl72', 'fp4').name).toBe('nvidia-2026-gb200-nvfp4');
    expect(stackOf(library, 'h200-sxm', 'bf16').name).toBe('megatron-2024-h100-bf16');
    expect(stackOf(library, 'my-own-part', 'bf16').name).toBe('assumed');
  });

  it('say in which file they are wrong, and where', () => {
    const broken: Library = {
      names: (kind) => (kind === 'stack' ? ['broken'] : []),
      find: () => ({ file: 'mine/stacks/broken.yaml', value: { ...shipped, year: 'now' }, locate: () => never() }),
    };
    expect(() => stackOf(broken, 'h100-sxm', 'bf16')).toThrow(
      /mine\/stacks\/broken\.yaml: expected a stack\n {2}year: /,
    );
  });

  it('must include one to fall back on', () => {
    const others = stackDocs(library).filter(({ name }) => name !== 'assumed');
    expect(() => defaultStackDoc(others, 'my-own-part', 'bf16')).toThrow('expected a stack named assumed');
  });
});
