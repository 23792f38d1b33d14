/**
 * Mean wait in an M/M/c queue in units of the mean service time (Erlang C).
 *
 * @param servers - c ≥ 1
 * @param load - ρ in (0, 1)
 *
 * Worked: c = 1, ρ = 0.5 → C = 0.5, mean wait 0.5 / (1 · (1 − 0.5)) = 1.
 */
export function erlangCMeanWait(servers: number, load: number): number {
  return delayProbability(servers, load) / (servers * (1 - load));
}

/** Probability that an arrival waits, by the stable recursion of Erlang B. */
export function delayProbability(servers: number, load: number): number {
  let blocking = 1;
  for (let n = 1; n <= servers; n++) blocking = (servers * load * blocking) / (n + servers * load * blocking);
  return blocking / (1 - load * (1 - blocking));
}
