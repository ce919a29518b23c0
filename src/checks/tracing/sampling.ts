import { parseEnv } from 'node:util';
import { percentText } from '../../spec/unit-text.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { documentOf } from '../documents.ts';
import { atPointer } from '../json-pointer.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { measuredRate } from './measured.ts';
import { type Rate, rateOfSampler, ratioPpm } from './sampler.ts';
import type { TracingConfig } from './schema.ts';

/** Largest file of variables. */
const fileBytesMax = 1_048_576;

export type Sampling = Extract<TracingConfig, { kind: 'sampling' }>['config'];

/** The part of the requests that is traced is within bounds, by what is configured or by what is measured. */
export async function sampledRate(config: Sampling, context: CheckContext): Promise<CheckResult> {
  const { environment, file, measured } = config;
  const expected = sentence(
    '$ to $ of the requests traced',
    'трассируется от $ до $ запросов',
    percentText(config.min),
    percentText(config.max),
  );
  if (measured) return await measuredRate({ ...config, measured }, expected, context);
  if (file) {
    const found = atPointer(await documentOf(context.folder, file.path, context.signal), file.pointer);
    const ppm = ratioPpm(found);
    const said = `${file.pointer}: ${JSON.stringify(found)?.slice(0, 100) ?? 'nothing'}`;
    const rate: Rate = ppm === null ? { unknown: `${said} is no rate` } : { ppm, said };
    return resultOf(file.path, expected, [configuredFinding(rate, config)], figuresOf(rate));
  }
  const path = environment === true ? null : (environment ?? '');
  const values =
    path === null ? context.environment : parseEnv((await textFile(context.folder, path, fileBytesMax, context.signal)).text);
  const rate = rateOfSampler(values);
  const lookedAt = path ?? { en: 'the environment', ru: 'окружение' };
  return resultOf(lookedAt, expected, [configuredFinding(rate, config)], figuresOf(rate));
}

function figuresOf(rate: Rate): Readonly<Record<string, number>> {
  return 'ppm' in rate ? { samplingPpm: rate.ppm } : {};
}

function configuredFinding(rate: Rate, { min, max }: Sampling): Finding {
  const fix = sentence(
    'set OTEL_TRACES_SAMPLER=parentbased_traceidratio and OTEL_TRACES_SAMPLER_ARG=$',
    'задайте OTEL_TRACES_SAMPLER=parentbased_traceidratio и OTEL_TRACES_SAMPLER_ARG=$',
    String((min + max) / 2_000_000),
  );
  if ('unknown' in rate) return { status: 'unproven', text: rate.unknown, fix };
  const text = sentence('$ of the requests is traced ($)', 'трассируется $ запросов ($)', percentText(rate.ppm), rate.said);
  return rate.ppm >= min && rate.ppm <= max ? { status: 'pass', text } : { status: 'fail', text, fix };
}
