import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Prometheus, prometheusProgram } from './prometheus.ts';

/** One Prometheus for all tests of the file that calls this. */
export type SharedPrometheus = {
  /** Options of a test that needs it: why it is left out, where there is none to be had. */
  readonly skip: { readonly skip?: string };
  /** Only inside of a test. */
  readonly prometheus: Prometheus;
};

/** Starts it before the first test of the file, and ends it after the last one. */
export async function sharedPrometheus(): Promise<SharedPrometheus> {
  const program = await prometheusProgram();
  let prometheus: Prometheus | null = null;
  before(async () => {
    if ('path' in program) prometheus = await Prometheus.start(program.path);
  });
  after(async () => {
    await prometheus?.close();
  });
  return {
    skip: 'missing' in program ? { skip: program.missing } : {},
    get prometheus() {
      assert(prometheus, 'no Prometheus was started');
      return prometheus;
    },
  };
}
