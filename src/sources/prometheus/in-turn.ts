/** Queries under way at once. */
const queriesAtOnce = 4;

/** Does the work of every job, a few at once; the first failure ends it. */
export async function inTurn<Job>(jobs: readonly Job[], work: (job: Job) => Promise<void>): Promise<void> {
  const left = [...jobs];
  let isOver = false;
  const one = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined && !isOver; job = left.shift()) await work(job);
  };
  try {
    await Promise.all(Array.from({ length: queriesAtOnce }, one));
  } finally {
    isOver = true;
  }
}
