/** The little of jstat that is used here; the package has no types of its own. */
declare module 'jstat' {
  interface StudentT {
    /** Quantile of Student's t distribution. */
    inv(probability: number, degreesOfFreedom: number): number;
  }
  const jstat: { readonly jStat: { readonly studentt: StudentT } };
  export default jstat;
}
