import { z } from 'zod';
import { assumedPhasePower, type PHASE_POWER_DEFAULTS } from './defaults.js';
import { figure } from './figure.js';

/** A GPU's draw in one phase of a job in share of its TDP; less than an idle GPU draws counts as that. */
const phasePower = (key: keyof typeof PHASE_POWER_DEFAULTS) =>
  figure({ min: 0, max: 1 }).default(assumedPhasePower(key));

/**
 * One accelerator as it is built into nodes and racks: an entry of `scenarios/hardware/`.
 *
 * Peaks are dense (no sparsity) and per GPU; GB are 10^9 bytes; bandwidth is one direction. A GPU is what a
 * job asks for one of: for `gh200` the whole superchip, Grace CPU and its memory included.
 *
 * Watts are ratings and two fractions, not a measured curve; power/nodePower.ts makes whole watts of them.
 */
export const hardwareSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal('hardware'),
    /** Catalogue id, equal to the file's name. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens'),
    title: z.string().min(1),
    note: z.string().optional(),

    /** Peak TF/s by number format; absent where the part does not support it. */
    peakTflops: z.strictObject({
      bf16: figure({ positive: true }),
      fp8: figure({ positive: true }).optional(),
      fp4: figure({ positive: true }).optional(),
    }),
    /** The most that any shape of matrix multiplication was measured to reach, TF/s; absent where nobody measured. */
    matmulTflops: z
      .strictObject({ bf16: figure({ positive: true }).optional(), fp8: figure({ positive: true }).optional() })
      .optional(),
    hbmGB: figure({ positive: true }),
    hbmTBPerS: figure({ positive: true }),

    /** GPUs that share the fast fabric: the node (HGX) or the rack (NVL72). */
    scaleUpGpus: figure({ integer: true, min: 1 }),
    /** Scale-up bandwidth of a GPU to all its peers together, one direction, GB/s. */
    scaleUpGBPerS: figure({ positive: true }),
    /** Network bandwidth of a GPU out of the node, Gb/s. */
    nicGbitPerS: figure({ positive: true }),

    gpusPerNode: figure({ integer: true, min: 1, max: 32 }),
    /** At most 32: a rack's nodes are one word of the occupancy index. */
    nodesPerRack: figure({ integer: true, min: 1, max: 32 }),
    /** Racks of one non-blocking fabric domain. */
    racksPerPod: figure({ integer: true, min: 1 }),
    /** Bandwidth inside a pod / bandwidth out of it, ≥ 1. */
    oversubscription: figure({ min: 1 }),

    /** Rated power of a GPU, W: its maximum under sustained load. */
    tdpW: figure({ positive: true }),
    /** A GPU without a job, W. */
    gpuIdleW: figure({ min: 0 }),
    /** Rating of everything in the node but the GPUs (CPUs, memory, switches, NICs, fans, conversion), W. */
    nonGpuRatedW: figure({ min: 0 }),
    /** Share of `nonGpuRatedW` drawn with no GPU busy, and with all busy; linear between. */
    nonGpuIdleFraction: figure({ min: 0, max: 1 }),
    nonGpuBusyFraction: figure({ min: 0, max: 1 }),
    /** Switches, storage and management outside the nodes, W per GPU, drawn always. */
    networkWPerGpu: figure({ min: 0 }),

    /** What it costs, EUR without VAT; absent where no price is known. Servers by GPU, the network out of them and storage. */
    serverEurPerGpu: figure({ positive: true }).optional(),
    networkStorageEurPerGpu: figure({ positive: true }).optional(),
    /** What a building for it costs, M EUR by MW of IT. */
    facilityEurMPerMWIt: figure({ positive: true }).optional(),

    /** In communication that nothing hides, while a checkpoint holds it up, while it hangs and while it initialises. */
    exposedPowerFraction: phasePower('exposedPowerFraction'),
    stallPowerFraction: phasePower('stallPowerFraction'),
    hangPowerFraction: phasePower('hangPowerFraction'),
    initialisePowerFraction: phasePower('initialisePowerFraction'),
  })
  .refine(({ gpuIdleW, tdpW }) => gpuIdleW.value < tdpW.value, {
    path: ['gpuIdleW'],
    error: 'expected less than tdpW',
  })
  .refine(({ nonGpuIdleFraction, nonGpuBusyFraction }) => nonGpuIdleFraction.value <= nonGpuBusyFraction.value, {
    path: ['nonGpuIdleFraction'],
    error: 'expected at most nonGpuBusyFraction',
  });

export type Hardware = z.infer<typeof hardwareSchema>;
