import { useMemo } from 'react';
import type { SeriesMetric } from '../../api/schema.ts';
import { useText } from '../../text.tsx';

type Unit = SeriesMetric['unit'];

/** How the metrics of the guard are called and written. */
export function useMetricText() {
  const { t, f } = useText();
  return useMemo(
    () => ({
      nameOf: (metric: string): string => {
        if (metric === 'errors') return t('signal.errors');
        const latency = /^latency-(p[\d.]+)$/.exec(metric);
        return latency ? t('signal.latency', { quantile: latency[1] ?? '' }) : metric;
      },
      amountOf: (unit: Unit, value: number | null): string =>
        unit === 'share' ? f.share(value) : unit === 'ms' ? f.ms(value) : f.fine(value),
      differenceOf: (unit: Unit, value: number | null): string => {
        if (value === null) return '–';
        if (unit === 'share') return f.signedShare(value);
        return unit === 'ms' ? t('unit.ms', { value: f.signedNumber(value) }) : f.signedNumber(value);
      },
    }),
    [t, f],
  );
}
