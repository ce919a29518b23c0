import type { ReactNode } from 'react';
import { useText } from '../text.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem.tsx';

/** A window with a form in it: what is wrong stands above its buttons, and it is not sent twice. */
export function DialogForm({
  title,
  go,
  isDanger = false,
  isBusy,
  error,
  onGo,
  onClose,
  more = null,
  children,
}: {
  title: string;
  /** What the button says that sends it. */
  go: string;
  isDanger?: boolean;
  isBusy: boolean;
  error: Error | null;
  onGo: () => void;
  onClose: () => void;
  /** Buttons between the one that closes it and the one that sends it. */
  more?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useText();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onGo();
        }}
      >
        {children}
        {error ? <ProblemNote error={error} /> : null}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            {t('cancel')}
          </button>
          {more}
          <button type="submit" className={`button ${isDanger ? 'danger' : 'first'}`} disabled={isBusy}>
            {go}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
