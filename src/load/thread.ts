import { parentPort, workerData } from 'node:worker_threads';
import { generate } from './generate.ts';
import type { LoadPlan } from './plan.ts';

/** The thread of a generator: told its plan at its start, it says how far it is and in the end what came of it. */
const result = await generate(workerData as LoadPlan, (progress) => parentPort?.postMessage({ progress }));
parentPort?.postMessage({ result });
