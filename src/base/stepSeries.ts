/**
 * A quantity that is constant over equal steps from the start of the horizon: day-ahead prices, carbon
 * intensity, wet bulb.
 *
 * `values[i]` holds over [i·stepMs, (i+1)·stepMs) of simulation time, 0 being the start of the horizon
 * (1 January 00:00 UTC of the scenario's calendar year). The array may lie in a SharedArrayBuffer and is
 * never written after it was built.
 */
export interface StepSeries {
  readonly stepMs: number;
  readonly values: Float64Array;
}
