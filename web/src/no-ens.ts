/**
 * Stands in for the name tables of ENS in the build of the pages. They pass addresses alone, so
 * ethers never has a name to normalise.
 */
export function ens_normalize(name: string): never {
  throw new Error(`names of ENS are not resolved here: ${name}`);
}
