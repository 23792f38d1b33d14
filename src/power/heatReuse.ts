import { W_PER_MW } from '../base/units.js';
import type { FacilitySpec } from '../scenario/runSpec.js';

/** Heat handed to a network in each interval, and what its heat pump drew. Columns of equal length, W. */
export interface ReusedHeat {
  /** At the network's door: EREUSE. */
  readonly deliveredW: Float64Array;
  /** Taken out of the water loop, or of the hall's air where there is none. */
  readonly takenW: Float64Array;
  /** Of the heat pump; all 0 without one. */
  readonly electricityW: Float64Array;
}

/**
 * Heat reused: the least of what the IT gives, what the network asks for and what the connection carries.
 *
 * The source is the heat in the water loop (`liquidFraction` of the IT power), or all IT heat where nothing is in
 * water. `efficiency` of it passes the exchanger; a heat pump adds its electricity: delivered = source × COP/(COP − 1).
 *
 * @param itW - mean IT power of each interval
 * @param demandMW - heat that the network takes in each interval, as long as `itW`
 *
 * Worked, 100 MW of IT, 0.85 in water, efficiency 0.95: 80.75 MW available. Asked for 50 MW, connection 60 MW:
 * 50 MW delivered, 52.6 MW taken. With a heat pump of COP 4, 107.7 MW available; of 50 MW delivered it draws 12.5 MW
 * and takes 37.5 / 0.95 = 39.5 MW.
 *
 * Wrong in that nothing is stored, and that the loop is no colder and pumps spend no less for the heat that is gone.
 */
export function reusedHeat(
  { heatReuse, liquidFraction }: FacilitySpec,
  itW: Float64Array,
  demandMW: Float64Array,
): ReusedHeat | undefined {
  if (heatReuse === undefined) return undefined;
  const { capacityW, efficiency, heatPumpCop } = heatReuse;
  const inSource = liquidFraction > 0 ? liquidFraction : 1;
  const pumped = heatPumpCop === undefined ? 0 : 1 / heatPumpCop;
  const gain = efficiency / (1 - pumped);
  const deliveredW = itW.map((watts, bin) => Math.min(watts * inSource * gain, demandMW[bin]! * W_PER_MW, capacityW));
  return {
    deliveredW,
    takenW: deliveredW.map((watts) => watts / gain),
    electricityW: deliveredW.map((watts) => watts * pumped),
  };
}
