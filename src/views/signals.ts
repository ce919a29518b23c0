/** The golden signals of a service over the last minute, all versions together. */
export type Signals = {
  readonly requestsPerSecond: number;
  /** Failed of all (0–1); null without requests. */
  readonly errorShare: number | null;
  /** Quantiles of latency in milliseconds; null without requests. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Processor time of all instances as a share of the machine's cores (0–1); null where the target does not know. */
  readonly cpuShare: number | null;
  /** Resident memory of all instances in bytes; null where the target does not know. */
  readonly memoryBytes: number | null;
};
