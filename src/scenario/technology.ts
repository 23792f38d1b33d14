/** Plants that a zone has a generation profile for. */
export const TECHNOLOGIES = ['solar', 'onshore-wind', 'offshore-wind'] as const;
export type Technology = (typeof TECHNOLOGIES)[number];
