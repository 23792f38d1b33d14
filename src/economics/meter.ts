import type { StepSeries } from '../base/stepSeries.js';
import { WMS_PER_MWH, W_PER_MW } from '../base/units.js';
import { MS_PER_HOUR } from '../base/units.js';
import { hoursOfYear } from '../energy/calendar.js';
import { localBins, type LocalBins } from '../energy/localBins.js';

/** A site's quarter hours as its bill sees them. */
export interface MeteredDraw {
  readonly binMs: number;
  /** Mean draw at the grid connection, W, by bin; not negative. */
  readonly drawW: Float64Array;
  readonly dayAheadEurPerMWh: Float64Array;
  /** Part of the calendar year that is billed. */
  readonly horizonMs: number;
  readonly calendarYear: number;
  /** Series that terms of the tariff name. */
  readonly series: Readonly<Record<string, StepSeries>>;
}

/** What every term of a tariff may read. Made once a bill; columns are not copied. */
export class Meter {
  readonly binMs: number;
  readonly bins: number;
  readonly drawW: Float64Array;
  readonly mwh: Float64Array;
  readonly dayAheadEurPerMWh: Float64Array;
  readonly totalMWh: number;
  /** The highest 15-minute mean and the first bin that has it. */
  readonly peakW: number;
  readonly peakBin: number;
  /** Horizon / calendar year: the share of yearly charges and yearly amounts that the horizon has. */
  readonly yearFraction: number;
  readonly yearHours: number;
  readonly calendarYear: number;
  readonly series: MeteredDraw['series'];
  readonly #timeZone: string;
  #local: LocalBins | undefined;

  constructor(metered: MeteredDraw, timeZone: string) {
    const { binMs, drawW, dayAheadEurPerMWh, horizonMs, calendarYear, series } = metered;
    const bins = drawW.length;
    this.binMs = binMs;
    this.bins = bins;
    this.drawW = drawW;
    this.dayAheadEurPerMWh = dayAheadEurPerMWh;
    this.series = series;
    this.calendarYear = calendarYear;
    this.#timeZone = timeZone;
    this.yearHours = hoursOfYear(calendarYear);
    this.yearFraction = horizonMs / (this.yearHours * MS_PER_HOUR);
    this.mwh = new Float64Array(bins);
    let totalWms = 0;
    let peakW = 0;
    let peakBin = 0;
    for (let bin = 0; bin < bins; bin++) {
      const watts = drawW[bin]!;
      const wms = watts * binMs;
      this.mwh[bin] = wms / WMS_PER_MWH;
      totalWms += wms;
      if (watts > peakW) {
        peakW = watts;
        peakBin = bin;
      }
    }
    this.totalMWh = totalWms / WMS_PER_MWH;
    this.peakW = peakW;
    this.peakBin = peakBin;
  }

  /** Local month, weekday and hour of each bin, worked out when first asked for. */
  get local(): LocalBins {
    return (this.#local ??= localBins(this.#timeZone, this.calendarYear, this.binMs, this.bins));
  }

  /** MWh of a year at this draw ÷ peak MW. @param moreW - the peak were higher by so much */
  hoursOfUse(moreW = 0): number {
    return this.totalMWh / this.yearFraction / ((this.peakW + moreW) / W_PER_MW);
  }
}
