import { z } from 'zod';

/** Whole days, the beginning of each in UTC; a year such as `2027` alone is a number in YAML and not one of them. */
export const date = z.iso.date({ error: 'expected a date such as 2027-07-01' });
