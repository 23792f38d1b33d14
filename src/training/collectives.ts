import type { Accelerator } from './execution.js';
import type { Stack } from './stack.js';

/**
 * Share of a link's rate that large exchanges reach, and what one takes to start: inside a scale-up domain, and (for
 * each doubling of the domains) over the network. Source: Calculon, systems/*.json.
 */
const SCALE_UP_EFFICIENCY = 0.65;
const NETWORK_EFFICIENCY = 0.9;
const SCALE_UP_LATENCY_MS = 0.01;
const NETWORK_LATENCY_MS = 0.02;

/** What shows of communication: see {@link Stack}. */
export type Exposure = Pick<Stack, 'scaleUpExposure' | 'networkExposure'>;

/** bytes/ms of a GPU inside its scale-up domain. */
export function scaleUpRate(accelerator: Accelerator): number {
  return accelerator.scaleUpGBPerS * SCALE_UP_EFFICIENCY * 1e6;
}

/** bytes/ms of a GPU over the network of a pod. */
export function networkRate(accelerator: Accelerator): number {
  return accelerator.nicGBPerS * NETWORK_EFFICIENCY * 1e6;
}

/**
 * ms in which each rank of a ring sends (n − 1)/n of a buffer: a reduce-scatter or an all-gather; an all-reduce is both.
 *
 * Worked: 1 GB over 8 ranks at 300 GB/s → 7/8 · 1/300 s = 2.92 ms.
 */
export function ringMs(bytes: number, ranks: number, bytesPerMs: number): number {
  return ranks <= 1 ? 0 : ((ranks - 1) / ranks) * (bytes / bytesPerMs);
}

/** Ranks of a group of which neighbours are `stride` GPUs apart that lie in one scale-up domain, at least 1. */
export function ranksInDomain(ranks: number, stride: number, accelerator: Accelerator): number {
  return Math.max(1, Math.min(ranks, Math.floor(accelerator.scaleUpGpus / stride)));
}

/**
 * ms of two exchanges at once that show in a step: the stack's share of each, and of the rest what computing for
 * `windowMs` cannot hide. Shares above 1 are links slower than their rate, with nothing to hide behind.
 */
function shown(scaleUpMs: number, networkMs: number, stack: Exposure, windowMs: number): number {
  const { scaleUpExposure, networkExposure } = stack;
  const hidden = Math.max(0, 1 - scaleUpExposure) * scaleUpMs + Math.max(0, 1 - networkExposure) * networkMs;
  return scaleUpExposure * scaleUpMs + networkExposure * networkMs + Math.max(0, hidden - windowMs);
}

/**
 * ms that show of a reduce-scatter or all-gather: a ring inside each scale-up domain, rings of what is left of the
 * buffer over the domains of a pod, and over pods at the bandwidth the spine leaves.
 *
 * @param bytes - of the whole buffer
 * @param inDomain - ranks of the group in one scale-up domain
 * @param pods - pods the group lies in
 * @param windowMs - what is computed meanwhile
 *
 * Wrong where a library runs one flat ring over a spread-out gang: that is slower.
 */
export function exchangeMs(
  bytes: number,
  ranks: number,
  inDomain: number,
  accelerator: Accelerator,
  stack: Exposure,
  pods: number,
  oversubscription: number,
  windowMs: number,
): number {
  if (ranks <= 1 || bytes === 0) return 0;
  const domains = ranks / inDomain;
  let scaleUp = 0;
  let network = 0;
  if (inDomain > 1) scaleUp = ringMs(bytes, inDomain, scaleUpRate(accelerator)) + SCALE_UP_LATENCY_MS;
  if (domains > 1) {
    const rate = networkRate(accelerator);
    const shard = bytes / inDomain;
    const spans = Math.min(pods, domains);
    const inPod = domains / spans;
    network =
      ringMs(shard, inPod, rate) +
      ringMs(shard / inPod, spans, rate / oversubscription) +
      NETWORK_LATENCY_MS * Math.log2(domains);
  }
  return shown(scaleUp, network, stack, windowMs);
}

/**
 * ms that show of sending tokens to their experts, or back: each copy over the scale-up domain, and over the network
 * one for each other domain that has experts of the token, to be copied there.
 *
 * @param bytes - of the copies of a GPU's tokens, one for each active expert
 * @param copies - experts a token goes to, spread evenly
 * @param inDomain - ranks of the group in one scale-up domain
 * @param pods - pods the group lies in
 *
 * Worked: 8 copies to 4 domains meet 4 · (1 − 0.75^8) = 3.60 of them, so 2.70 cross the network instead of 6.
 */
export function expertExchangeMs(
  bytes: number,
  copies: number,
  ranks: number,
  inDomain: number,
  accelerator: Accelerator,
  stack: Exposure,
  pods: number,
  oversubscription: number,
  windowMs: number,
): number {
  if (ranks <= 1) return 0;
  const domains = ranks / inDomain;
  const scaleUp = (bytes * (inDomain - 1)) / inDomain / scaleUpRate(accelerator) + SCALE_UP_LATENCY_MS;
  let network = 0;
  if (domains > 1) {
    const sent = ((domains - 1) * (1 - (1 - 1 / domains) ** copies)) / copies;
    const spans = Math.min(pods, domains);
    const farther = (domains - domains / spans) / (domains - 1);
    const slowdown = 1 + farther * (oversubscription - 1);
    network = (bytes * sent * slowdown) / networkRate(accelerator) + NETWORK_LATENCY_MS;
  }
  return shown(scaleUp, network, stack, windowMs);
}

/**
 * ms that show of one message to the next pipeline stage, `stride` GPUs away: inside the domain where two stages fit
 * in it.
 */
export function sendMs(
  bytes: number,
  stride: number,
  accelerator: Accelerator,
  stack: Exposure,
  slowdown: number,
  windowMs: number,
): number {
  return 2 * stride <= accelerator.scaleUpGpus
    ? shown(bytes / scaleUpRate(accelerator) + SCALE_UP_LATENCY_MS, 0, stack, windowMs)
    : shown(0, (bytes * slowdown) / networkRate(accelerator) + NETWORK_LATENCY_MS, stack, windowMs);
}
