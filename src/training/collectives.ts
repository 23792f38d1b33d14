import type { Accelerator, Span } from './execution.js';
import type { Stack } from './stack.js';

/**
 * Share of a link's rate that large exchanges reach, and what one takes to start: inside a scale-up domain, and (for
 * each doubling of the domains) over the network. Source: Calculon, systems/*.json.
 */
const SCALE_UP_EFFICIENCY = 0.65;
const NETWORK_EFFICIENCY = 0.9;
const SCALE_UP_LATENCY_MS = 0.01;
const NETWORK_LATENCY_MS = 0.02;

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
 * ms of a reduce-scatter or all-gather that nothing hides: a ring inside each scale-up domain, rings of what is left of
 * the buffer over the domains of a pod, and over pods at the bandwidth the spine leaves.
 *
 * @param bytes - of the whole buffer
 * @param stride - GPUs between neighbours of the group
 * @param pods - pods the group lies in; at most its domains
 *
 * Wrong where a library runs one flat ring over a spread-out gang: that is slower.
 */
export function exposedExchangeMs(
  bytes: number,
  ranks: number,
  stride: number,
  accelerator: Accelerator,
  stack: Stack,
  pods: number,
  oversubscription: number,
): number {
  if (ranks <= 1) return 0;
  const inDomain = ranksInDomain(ranks, stride, accelerator);
  const domains = ranks / inDomain;
  let ms = 0;
  if (inDomain > 1)
    ms += stack.scaleUpExposure * (ringMs(bytes, inDomain, scaleUpRate(accelerator)) + SCALE_UP_LATENCY_MS);
  if (domains > 1) {
    const rate = networkRate(accelerator);
    const shard = bytes / inDomain;
    const spans = Math.min(pods, domains);
    const inPod = domains / spans;
    const network = ringMs(shard, inPod, rate) + ringMs(shard / inPod, spans, rate / oversubscription);
    ms += stack.networkExposure * (network + NETWORK_LATENCY_MS * Math.log2(domains));
  }
  return ms;
}

/** ms of an all-to-all in which each rank sends `bytes` in all, evenly to every rank of the group, itself included. */
export function exposedAllToAllMs(
  bytes: number,
  ranks: number,
  stride: number,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
): number {
  if (ranks <= 1) return 0;
  const inDomain = ranksInDomain(ranks, stride, accelerator);
  let ms = stack.scaleUpExposure * ((bytes * (inDomain - 1)) / ranks / scaleUpRate(accelerator) + SCALE_UP_LATENCY_MS);
  if (ranks > inDomain) {
    const outside = ranks - inDomain;
    const spans = Math.min(span.pods, ranks / inDomain);
    const elsewhere = (ranks * (spans - 1)) / spans;
    const sent = outside - elsewhere + elsewhere * span.oversubscription;
    ms += stack.networkExposure * ((bytes * sent) / ranks / networkRate(accelerator) + NETWORK_LATENCY_MS);
  }
  return ms;
}

/** ms of one message to the next pipeline stage, `stride` GPUs away. */
export function exposedSendMs(
  bytes: number,
  stride: number,
  accelerator: Accelerator,
  stack: Stack,
  slowdown: number,
): number {
  // Stages that fill at most half a domain have their next one in the same domain more often than not.
  return 2 * stride <= accelerator.scaleUpGpus
    ? stack.scaleUpExposure * (bytes / scaleUpRate(accelerator) + SCALE_UP_LATENCY_MS)
    : stack.networkExposure * ((bytes * slowdown) / networkRate(accelerator) + NETWORK_LATENCY_MS);
}
