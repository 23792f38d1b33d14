import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { Bench } from 'tinybench';

/** One measured thing. Times are of this machine at this moment; compare ratios, not machines. */
export interface Row {
  readonly name: string;
  readonly size: number;
  readonly nsPerOpP50: number;
  readonly nsPerOpMin: number;
  /** Depends on everything the loop computed, so that the loop cannot be optimised away. */
  readonly checksum: number | string;
  readonly [extra: string]: number | string;
}

/**
 * Measures a batch of `ops` operations; the clock's floor is 30–40 ns, so a batch has thousands.
 *
 * @param batch - runs all operations and returns their checksum
 */
export async function measure(name: string, size: number, ops: number, batch: () => number | string): Promise<Row> {
  const bench = new Bench({ iterations: 12, time: 0, warmupIterations: 3, warmupTime: 0 });
  let checksum: number | string = 0;
  bench.add(name, () => {
    checksum = batch();
  });
  const [task] = await bench.run();
  const { result } = task!;
  if (result.state !== 'completed') throw new Error(`${name} did not complete: ${result.state}`);
  const nsPerOp = (ms: number): number => Math.round((ms * 1e7) / ops) / 10;
  return { name, size, nsPerOpP50: nsPerOp(result.latency.p50), nsPerOpMin: nsPerOp(result.latency.min), checksum };
}

/** What the figures were measured on. */
export function environment(): Record<string, string> {
  let commit = 'unknown';
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Not a checkout: the figures then carry no commit.
  }
  return { cpu: cpus()[0]?.model ?? 'unknown', node: process.version, commit };
}

export function print(row: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

/** CPU seconds (user + system) of this process since `since`. */
export function cpuSeconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
