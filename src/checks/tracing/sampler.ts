/** Which part of the requests is traced, in parts per million; or why nobody can tell. */
export type Rate = { readonly ppm: number; readonly said: string } | { readonly unknown: string };

/**
 * What OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG mean (OpenTelemetry specification, "SDK environment variables", general
 * configuration). With neither everything is traced that begins here.
 */
export function rateOfSampler(environment: Readonly<Record<string, string | undefined>>): Rate {
  const sampler = environment.OTEL_TRACES_SAMPLER?.trim() || 'parentbased_always_on';
  const argument = environment.OTEL_TRACES_SAMPLER_ARG?.trim() ?? '';
  const said = environment.OTEL_TRACES_SAMPLER
    ? `${sampler}${argument === '' ? '' : ` ${argument}`}`
    : 'OTEL_TRACES_SAMPLER is not set';
  switch (sampler.replace(/^parentbased_/, '')) {
    case 'always_on':
      return { ppm: 1_000_000, said };
    case 'always_off':
      return { ppm: 0, said };
    case 'traceidratio': {
      const ppm = ratioPpm(argument);
      // An argument that is none counts as if it was not there, and that is all of them.
      return ppm === null ? { ppm: 1_000_000, said: `${said}, which is no rate` } : { ppm, said };
    }
    case 'jaeger_remote': {
      const [, initial] = /(?:^|,)\s*initialSamplingRate=([^,]+)/.exec(argument) ?? [];
      const ppm = initial === undefined ? null : ratioPpm(initial);
      return ppm === null ? { unknown: `${sampler}: the rate is decided elsewhere` } : { ppm, said };
    }
    default:
      return { unknown: `${sampler}: no sampler with a rate` };
  }
}

/** A number from 0 to 1, or a percentage such as `5%`, in parts per million; null: it is neither. */
export function ratioPpm(value: unknown): number | null {
  const [, number, sign] = /^\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%?)\s*$/i.exec(String(value)) ?? [];
  const ppm = Math.round(Number(number) * (sign === '%' ? 10_000 : 1_000_000));
  return number !== undefined && ppm >= 0 && ppm <= 1_000_000 ? ppm : null;
}
