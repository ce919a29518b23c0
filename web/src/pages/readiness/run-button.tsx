import { Icon } from '../../components/icon.tsx';
import { say } from '../../components/said.tsx';
import type { ReadinessSearch } from '../../router.tsx';
import { useText } from '../../text.tsx';
import { useDeed } from './deed.ts';

export type RunAsk = { readonly phases?: readonly string[]; readonly items?: readonly string[]; readonly again: boolean };

/** Starts a run of checks. What is refused is told in sight. */
export function RunButton({
  service,
  of,
  what,
  label,
  name,
  look,
  isBusy,
}: {
  service: string;
  /** What of the service is looked at. */
  of: ReadinessSearch;
  what: RunAsk;
  label: string;
  /** What readers hear, where the label alone does not say of what. */
  name?: string;
  look: 'first' | 'small' | '';
  /** Whether the same is under way already. */
  isBusy: boolean;
}) {
  const { t } = useText();
  const run = useDeed(service, t('readiness.run.begun'), {
    onFailed: ({ message }) => say(message || t('problem.unknown'), false),
  });
  return (
    <button
      type="button"
      className={`button ${look}`}
      aria-label={name}
      disabled={isBusy || run.isPending}
      onClick={() =>
        run.mutate({ method: 'POST', path: ['runs'], body: { checklist: of.checklist, version: of.version, ...what } })
      }
    >
      <Icon name="retry" />
      {label}
    </button>
  );
}
