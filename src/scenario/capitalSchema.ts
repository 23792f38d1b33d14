import { z } from 'zod';
import { CAPITAL_DEFAULTS } from './defaults.js';
import { figure } from './figure.js';
import { assumedAfter } from './financeSchema.js';

/** What a site is bought for and who works there, `capital` of a site; docs/tco.md. EUR without VAT. */
export const capitalSchema = z.strictObject({
  /** For every GPU of the site, in place of the catalogue's. */
  serverEurPerGpu: figure({ min: 0 }).optional(),
  networkStorageEurPerGpu: figure({ min: 0 }).optional(),
  /** Shell, power and cooling by MW of IT that the building is made for; absent: as the catalogue says of its hardware. */
  facilityEurMPerMWIt: figure({ min: 0 }).optional(),
  gridEurPerKw: figure({ min: 0 }).default(assumedAfter(CAPITAL_DEFAULTS.gridEurPerKw)),
  /** The connection over the IT that the building is made for, where `grid` gives no connection. */
  connectionPerIt: figure({ min: 1 }).default(assumedAfter(CAPITAL_DEFAULTS.connectionPerIt)),
  /** People; absent: by the size of the connection. */
  staffFte: figure({ min: 0 }).optional(),
  staffEurPerFteYear: figure({ min: 0 }).default(assumedAfter(CAPITAL_DEFAULTS.staffEurPerFteYear)),
  waterEurPerM3: figure({ min: 0 }).default(assumedAfter(CAPITAL_DEFAULTS.waterEurPerM3)),
});

export type Capital = z.infer<typeof capitalSchema>;
