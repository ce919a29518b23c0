import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { useText } from '../../text.tsx';
import type { About } from './confirm.tsx';
import { useDeed } from './deed.ts';

const texts = { confirmations: 'readiness.withdraw', exemptions: 'readiness.unexempt' } as const;

/** Takes back what somebody has said of an item. */
export function WithdrawDialog({ service, checklist, item, title, what, onClose }: About & { what: keyof typeof texts }) {
  const { t } = useText();
  const text = texts[what];
  const withdraw = useDeed(service, t(`${text}.done`, { item: title }), { onDone: onClose });
  return (
    <ReasonDialog
      title={t(`${text}.title`, { item: title })}
      explanation={t(`${text}.more`)}
      go={t(`${text}.go`)}
      isDanger={false}
      isRequired
      isBusy={withdraw.isPending}
      error={withdraw.error}
      onGo={(why) => withdraw.mutate({ method: 'DELETE', path: [what, item], query: { checklist, why } })}
      onClose={onClose}
    />
  );
}
