import { type ReactNode, useState } from 'react';
import { useText } from '../text.tsx';
import { Scroll } from './scroll.tsx';

/**
 * What a chart shows as a table, for whoever does not see it. It is made when somebody opens it.
 *
 * @param label - What it is a table of.
 * @param table - The table itself.
 */
export function TableBehind({ label, table }: { label: string; table: () => ReactNode }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="fold small" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('chart.table')}</summary>
      {isOpen ? <Scroll label={label}>{table()}</Scroll> : null}
    </details>
  );
}
