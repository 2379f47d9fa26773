/** The error of work that is meant to fail. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("Nothing failed, and something should have.");
}

/** A count, or −1 where the work failed: what an outcome compares. */
export async function countOf(work: Promise<number>): Promise<number> {
  return work.catch(() => -1);
}
