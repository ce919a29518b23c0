import { bucketOf, type Counts } from '../../src/analysis/sample.ts';
import type { Backend } from '../../src/routers/router.ts';
import type { Instances } from './instances.ts';
import type { Random } from './random.ts';
import { ServedSeconds } from './served-seconds.ts';
import type { SimulatedRouter } from './simulated-router.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Users that ask once a second, where the router sends them, and what they have met. */
export class Users {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #router: SimulatedRouter;
  readonly #instances: Instances;
  readonly #firstTrafficMs = new Map<string, number>();
  readonly served = new ServedSeconds();

  constructor(time: VirtualTime, random: Random, router: SimulatedRouter, instances: Instances) {
    this.#time = time;
    this.#random = random;
    this.#router = router;
    this.#instances = instances;
  }

  /** The second that has just ended. @param rps - Requests, about so many. */
  second(rps: number): void {
    const second = Math.floor(this.#time.trueMs / 1_000) - 1;
    const reading = this.#router.reading;
    const counts = new Map<string, Counts>();
    for (const version of this.#instances.versions) this.#instances.isReady(version);
    const n = Math.max(0, rps + this.#random.between(-5, 5));
    let candidates = 0;
    if (reading?.route.candidate)
      for (let i = 0; i < n; i += 1) if (this.#random.next() * 100 < reading.route.weight) candidates += 1;
    if (reading?.route.candidate)
      counts.set(reading.route.candidate.version, this.#serve(reading.route.candidate, candidates, second));
    if (reading?.route.stable)
      counts.set(reading.route.stable.version, this.#serve(reading.route.stable, n - candidates, second));
    this.served.add({ second, weight: reading?.route.candidate ? reading.route.weight : 0, counts });
  }

  #serve({ version, endpoints }: Backend, n: number, second: number): Counts {
    const nature = this.#instances.nature(version);
    if (n > 0 && !this.#firstTrafficMs.has(version)) this.#firstTrafficMs.set(version, this.#time.trueMs);
    const first = this.#firstTrafficMs.get(version) ?? this.#time.trueMs;
    const faulty = this.#time.trueMs - first >= nature.faultAfterMs ? nature.errorShare : 0;
    const up = this.#instances.ports(version).flatMap(({ port, isUp }) => (isUp ? [port] : []));
    const served = endpoints.filter(({ port }) => up.includes(port)).length;
    const share =
      served === endpoints.length && served > 0 ? faulty : 1 - (served / Math.max(1, endpoints.length)) * (1 - faulty);
    let errors = 0;
    for (let i = 0; i < n; i += 1) if (this.#random.next() < share) errors += 1;
    return {
      n,
      errors,
      classes: errors > 0 ? { status: errors } : {},
      histogram: n > 0 ? [bucketOf(nature.latencyMs), n] : [],
      slower: [nature.latencyMs > 500 ? n : 0],
      ...(errors > 0 ? { firstErrorAtMs: second * 1_000 + 500 } : {}),
    };
  }
}
