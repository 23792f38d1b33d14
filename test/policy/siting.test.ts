import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../src/base/units.js';
import type { SiteSignals } from '../../src/sim/marketView.js';
import { at, placesOf, run, traits } from '../support/brokered.js';

const hourly = (...values: number[]) => ({ stepMs: MS_PER_HOUR, values: Float64Array.from(values) });
const signals = (
  given: Partial<Record<'priceEurPerMWh' | 'carbonKgPerMWh' | 'overheadFactor', readonly number[]>>,
): SiteSignals => ({
  priceEurPerMWh: hourly(...(given.priceEurPerMWh ?? [50, 50])),
  carbonKgPerMWh: hourly(...(given.carbonKgPerMWh ?? [100, 100])),
  overheadW: hourly(0, 0),
  overheadFactor: hourly(...(given.overheadFactor ?? [1, 1])),
});

/** Three sites of one partition each: a job submitted to partition s is at home at site s. */
const three = [at(0, 2), at(1, 2), at(2, 2)];
const job = (submitMs: number, partition = 0, runMs = 100) => ({ submitMs, gpus: 4, runMs, partition });

describe('home', () => {
  it('leaves every job where it was submitted', () => {
    expect(placesOf(run('fcfs@pack^home', three, [job(0, 2), job(0, 1), job(0, 0)]))).toEqual([2, 1, 0]);
  });

  it('sends a class that is not allowed at home to the first site it is allowed at', () => {
    const ran = run('fcfs@pack^home', three, [job(0, 0), job(0, 1)], { traits: traits({ sites: [1, 2] }) });
    expect(placesOf(ran)).toEqual([1, 1]);
  });
});

describe('round-robin', () => {
  it('takes the sites in turn', () => {
    const ran = run('fcfs@pack^round-robin', three, [job(0, 2), job(1, 2), job(2, 2), job(3, 2)]);
    expect(placesOf(ran)).toEqual([0, 1, 2, 0]);
  });

  it('skips sites where a job does not fit and goes on from where it went', () => {
    const sizes = [at(0, 2), at(1, 1), at(2, 2)];
    const large = { ...job(1), gpus: 8 };
    expect(placesOf(run('fcfs@pack^round-robin', sizes, [job(0), large, job(2)]))).toEqual([0, 2, 0]);
  });
});

describe('least-queued', () => {
  it('fills free sites, home first, then the site of the least estimated work per GPU', () => {
    // Two nodes each: jobs 0–5 of one node each find a place; 6: all full, nobody queued → home (site 2).
    // 7: site 2 has 4 GPUs × 100 ms queued → the first of the others; 8: the one without a queue.
    const rows = Array.from({ length: 9 }, (_, i) => job(i, 2, i < 6 ? 1000 : 100));
    const ran = run('fcfs@pack^least-queued', three, rows);
    expect(placesOf(ran)).toEqual([2, 2, 0, 0, 1, 1, 2, 0, 1]);
  });

  it('counts jobs whose data is still on the way', () => {
    const given = { traits: traits({ dataTB: 1 }), transferMsPerTB: 50 };
    const two = [at(0, 1), at(1, 1)];
    // 0 and 1 fill home and the other site; 2 stays home (queue), 3 goes to the other, 4: queues equal → home.
    const ran = run('fcfs@pack^least-queued', two, [job(0), job(1), job(2), job(3), job(4)], given);
    expect(placesOf(ran)).toEqual([0, 1, 0, 1, 0]);
  });
});

describe('cheapest-energy', () => {
  it('sends a job to the site whose hour is cheap when it is submitted', () => {
    const given = { signals: [signals({ priceEurPerMWh: [60, 20] }), signals({ priceEurPerMWh: [30, 40] })] };
    const two = [at(0, 2), at(1, 2)];
    const rows = [job(0), job(MS_PER_HOUR - 1), job(MS_PER_HOUR)];
    expect(placesOf(run('fcfs@pack^cheapest-energy', two, rows, given))).toEqual([1, 1, 0]);
  });

  it('weighs the price with cooling and with the watts for the work there', () => {
    const cold = { priceEurPerMWh: [50, 50], overheadFactor: [1.05, 1.05] };
    const warm = { priceEurPerMWh: [48, 48], overheadFactor: [1.2, 1.2] };
    const go = (activeW: number) =>
      placesOf(
        run('fcfs@pack^cheapest-energy', [at(0, 1, activeW), at(1, 1, 50)], [job(0)], {
          signals: [signals(cold), signals(warm)],
        }),
      );
    expect(go(50)).toEqual([0]); // 50 × 1.05 = 52.5 before 48 × 1.2 = 57.6
    expect(go(60)).toEqual([1]); // 60/50 × 52.5 = 63
  });

  it('passes a site over whose queue is longer than it puts up with', () => {
    const given = { signals: [signals({}), signals({ priceEurPerMWh: [1, 1] })] };
    const two = [at(0, 1), at(1, 1)];
    const rows = [job(0), job(1), job(2), job(3)];
    expect(placesOf(run('fcfs@pack^cheapest-energy(0 h)', two, rows, given))).toEqual([1, 1, 0, 0]);
    expect(placesOf(run('fcfs@pack^cheapest-energy', two, rows, given))).toEqual([1, 1, 1, 1]);
  });

  it('reads the first week in the warm-up, same weekday and hour', () => {
    const hours = 8 * 24;
    const dear = Array.from({ length: hours }, (_, hour) => (hour === 6 * 24 + 23 ? 10 : 90));
    const flat = Array.from({ length: hours }, () => 50);
    const factor = Array.from({ length: hours }, () => 1);
    const site = (priceEurPerMWh: number[]) =>
      signals({ priceEurPerMWh, carbonKgPerMWh: flat, overheadFactor: factor });
    const rows = [job(-2 * MS_PER_HOUR), job(-MS_PER_HOUR)]; // the second in the last hour before time 0
    const ran = run('fcfs@pack^cheapest-energy', [at(0, 2), at(1, 2)], rows, { signals: [site(dear), site(flat)] });
    expect(placesOf(ran)).toEqual([1, 0]);
  });
});

describe('greenest', () => {
  it('sends a job to the site whose hour is clean, whatever it costs', () => {
    const clean = { carbonKgPerMWh: [20, 400], priceEurPerMWh: [200, 200] };
    const given = { signals: [signals({ carbonKgPerMWh: [300, 300] }), signals(clean)] };
    const rows = [job(0), job(MS_PER_HOUR)];
    expect(placesOf(run('fcfs@pack^greenest', [at(0, 1), at(1, 1)], rows, given))).toEqual([1, 0]);
  });
});
