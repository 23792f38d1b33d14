/** The lowest cap that policies go down to by themselves, as a share of TDP: below it no speed was measured. */
export const LEAST_CAP = 0.3;
