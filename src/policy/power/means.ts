/** The lowest cap that policies go down to by themselves, as a share of TDP: below it no speed was measured. */
export const LEAST_CAP = 0.3;
/** Nor may they be told to: there a GPU that initialises would draw more than one that works. */
export const SOUND_LEAST_CAP = 0.25;
export const WHY_SOUND_LEAST_CAP = 'below it a GPU that initialises would draw more than one that works';
/** The least that every GPU may be limited to: at a tenth of TDP it idles, and speeds were measured down to 0.286. */
export const LEAST_LIMIT = 0.2;
export const WHY_LEAST_LIMIT = 'an idle GPU draws 0.1 of TDP, and no speed was measured below 0.286';

/**
 * The cap at which a watt trains most, as a share of TDP: the measured point at 400 of 700 W.
 *
 * A GPU that trains at speed s adds (cap − idle) × TDP and its share x of the node's CPUs and fans. More caps are worth
 * it while they cost less speed a watt than stopping whole jobs does, s / watts. On the measured curve a step down costs
 * 0.66 of a speed for each TDP just above this point and 1.59 below it; s / watts there is 0.821 / (0.471 + x / TDP),
 * between the two for every x from 0.05 to 0.77 TDP (H100: 0.25; GB300: 0.10). So this point is the best for all parts
 * in the catalogue, as far as the curve carries over to them; but for GH200, whose rated power has its CPU in it: there
 * a lower cap does 9 % more a watt.
 */
export const BEST_CAP = 0.57;
