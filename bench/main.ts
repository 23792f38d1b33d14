import { benchBill } from './bill.js';
import { benchEasy } from './easy.js';
import { benchFailures } from './failures.js';
import { environment, print } from './harness.js';
import { benchEventQueue } from './eventQueue.js';
import { benchInOut } from './inOut.js';
import { benchMeter } from './meter.js';
import { benchOccupancy } from './occupancy.js';
import { benchPolicies } from './policies.js';
import { benchSearch } from './search.js';
import { benchSiteYear } from './siteYear.js';
import { benchThroughput } from './throughput.js';

/** `npm run bench [-- micro|throughput|search|site-year|failures|bill|policies]`: one JSON line per measurement. */
const which = process.argv[2] ?? 'all';
print({ name: 'environment', ...environment() });
if (which === 'all' || which === 'micro') {
  for (const bench of [benchEventQueue, benchOccupancy, benchMeter, benchEasy, benchInOut, benchThroughput])
    for (const row of await bench()) print(row);
}
if (which === 'throughput') for (const row of await benchThroughput()) print(row);
if (which === 'all' || which === 'site-year') await benchSiteYear(process.argv[3] ?? 'million-jobs');
if (which === 'failures') benchFailures();
if (which === 'bill') benchBill();
if (which === 'policies') benchPolicies(print);
if (which === 'search') for (const row of await benchSearch()) print(row);
