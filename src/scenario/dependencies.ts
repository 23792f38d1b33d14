import { didYouMean } from './suggest.js';
import type { PlainObject } from './sourcePath.js';

type Complain = (path: (string | number)[], message: string) => void;

const isName = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

/** Names looked up for "did you mean"; more are a wrong file rather than slips, and each costs a look at all ids. */
const MAX_SUGGESTIONS = 20;

/** Names a job's `after` gives, with the path of each below the job; what is no name is left to the schema. */
function afterNames(after: unknown): { name: string; path: (string | number)[] }[] {
  if (isName(after)) return [{ name: String(after), path: ['after'] }];
  if (!Array.isArray(after)) return [];
  return after.flatMap((name: unknown, i) => (isName(name) ? [{ name: String(name), path: ['after', i] }] : []));
}

/**
 * What listed jobs say of each other: ids of their own, `after` that names jobs there are, and no circle.
 *
 * Cost: O(jobs + dependencies); for the first faults, a search for the name that was meant.
 */
export function checkDependencies(jobs: readonly PlainObject[], complain: Complain): void {
  const indexOf = new Map<string, number>();
  jobs.forEach(({ id }, index) => {
    if (!isName(id)) return;
    const name = String(id);
    const earlier = indexOf.get(name);
    if (earlier === undefined) indexOf.set(name, index);
    else complain(['jobs', index, 'id'], `expected an id of its own; ${name} is jobs[${earlier}] already`);
  });
  let suggestions = 0;
  const before = jobs.map(({ after }, index) =>
    afterNames(after).flatMap(({ name, path }) => {
      const found = indexOf.get(name);
      if (found !== undefined) return [found];
      const near = suggestions++ < MAX_SUGGESTIONS ? didYouMean(name, [...indexOf.keys()]) : undefined;
      const known = indexOf.size === 0 ? ' (no job has one)' : near === undefined ? '' : `. ${near}`;
      complain(['jobs', index, ...path], `expected the id of a job in this list; got ${name}${known}`);
      return [];
    }),
  );
  const circle = circleIn(before);
  if (circle === undefined) return;
  const shown = [...circle, circle[0]!].map((index) => nameOf(jobs[index]!, index)).join(' after ');
  complain(['jobs', circle[0]!, 'after'], `expected jobs that wait for no circle of jobs; got ${shown}`);
}

const nameOf = ({ id }: PlainObject, index: number): string => (isName(id) ? String(id) : `jobs[${index}]`);

/** Jobs that wait for each other in turn, or `undefined`. `before[j]` are those that j waits for. */
function circleIn(before: readonly (readonly number[])[]): number[] | undefined {
  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const state = new Uint8Array(before.length).fill(NEW);
  for (let root = 0; root < before.length; root++) {
    if (state[root] !== NEW) continue;
    // Depth first with a stack of its own: chains may be as long as the list.
    const path = [root];
    const next = [0];
    state[root] = OPEN;
    while (path.length > 0) {
      const job = path.at(-1)!;
      const turn = next[path.length - 1]!++;
      const waitsFor = before[job]![turn];
      if (waitsFor === undefined) {
        state[job] = DONE;
        path.pop();
        next.pop();
      } else if (state[waitsFor] === OPEN) return path.slice(path.indexOf(waitsFor));
      else if (state[waitsFor] === NEW) {
        state[waitsFor] = OPEN;
        path.push(waitsFor);
        next.push(0);
      }
    }
  }
  return undefined;
}
