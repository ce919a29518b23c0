import { z } from 'zod';
import { choice, oneKind } from '../../spec/choice.ts';
import { duration, percent } from '../../spec/units.ts';
import { program } from '../program.ts';

const arriving = {
  service: z.string().min(1).max(200).describe('Name of the service in its traces.'),
  within: duration({ minMs: 1_000, maxMs: 7 * 86_400_000, example: '1h' })
    .prefault('1h')
    .describe('How far back a trace counts as recent.'),
  min: z.int().min(1).max(1_000).default(1).describe('Recent traces, at least.'),
};
const here = z.literal(true);
const path = z.string().min(1).max(4_000);
const jaegerAddress = 'the address of Jaeger’s query service, such as http://jaeger:16686';
const tempoAddress = 'the address of Tempo, such as http://tempo:3200';

const measured = z.strictObject({
  requests: program('the address of the service, such as http://127.0.0.1:8080/', {
    count: z.int().min(10).max(10_000).default(300).describe('Requests that are sent.'),
  }).describe('What is asked, so that there are traces.'),
  traces: oneKind('trace store', {
    jaeger: program(jaegerAddress, { service: arriving.service }),
    tempo: program(tempoAddress, { service: arriving.service }),
  }).describe('Where they are counted.'),
  within: duration({ minMs: 1_000, maxMs: 300_000, example: '30s' })
    .prefault('30s')
    .describe('How long the traces may take to arrive.'),
});

const sampling = z
  .strictObject({
    min: percent({ example: '1%' }).prefault('1%').describe('Part of the requests that is traced, at least.'),
    max: percent({ example: '10%' }).prefault('10%').describe('The same, at most.'),
    environment: choice([here, path], (value) => (typeof value === 'string' ? path : here))
      .optional()
      .describe(
        'OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say it: true: of the environment here; a path: of a file with lines NAME=VALUE.',
      ),
    file: z
      .strictObject({
        path: path.describe('JSON or YAML file; relative to the document.'),
        pointer: z
          .string()
          .max(1_000)
          .regex(/^(\/.*)?$/, 'expected a JSON pointer such as /tracing/ratio')
          .describe('Where in it the rate is, a number from 0 to 1 or a percentage such as 5%.'),
      })
      .optional()
      .describe('A file says it.'),
    measured: measured.optional().describe('It is measured: requests are sent, and the traces counted that come of them.'),
  })
  .superRefine(({ environment, file, measured, min, max }, context) => {
    if ([environment, file, measured].filter((one) => one !== undefined).length !== 1)
      context.addIssue({ code: 'custom', message: 'expected one of environment, file and measured' });
    if (min > max) context.addIssue({ code: 'custom', message: 'expected min not above max', path: ['min'] });
  });

/** Traces are made, arrive, and are not too many. */
export const TracingConfig = oneKind('tracing', {
  jaeger: program(jaegerAddress, arriving).describe('Jaeger has recent traces of the service.'),
  tempo: program(tempoAddress, arriving).describe('Tempo is ready and has recent traces of the service.'),
  otlp: program('the address of an OTLP collector over HTTP, such as http://collector:4318', {}).describe(
    'A collector takes traces: it is sent an empty export.',
  ),
  sampling: sampling.describe('The sampling rate is within bounds.'),
}).describe('Traces of a service are collected.');
export type TracingConfig = z.output<typeof TracingConfig>;
