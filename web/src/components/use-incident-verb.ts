import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, pathOf } from '../api/client.ts';
import { useIntent } from '../api/intent.ts';
import type { Incident, VerbResult } from '../api/schema.ts';
import { say } from './said.tsx';

/** What people ask of an incident. */
export type AskedVerb =
  /** Without `for` it counts as long as the escalation policy says. */
  | { readonly verb: 'acknowledge'; readonly for?: string; readonly why: string }
  | { readonly verb: 'mitigate' | 'resolve' | 'reopen'; readonly why: string }
  | { readonly verb: 'severity'; readonly severity: Incident['severity']; readonly why: string }
  | { readonly verb: 'started'; readonly startedAtMs: number; readonly why: string }
  | { readonly verb: 'note'; readonly text: string };

/** Asks it, tells what came of it, and looks again at the incident. */
export function useIncidentVerb(id: string, onDone: () => void) {
  const client = useQueryClient();
  const { key, failed, renew } = useIntent();
  return useMutation({
    mutationFn: (body: AskedVerb) => ask<VerbResult>(pathOf(['incidents', id, 'verbs']), { method: 'POST', body, key }),
    onError: failed,
    onSuccess: async ({ done, said }) => {
      renew();
      say(said, done);
      onDone();
      await Promise.all(
        [['incident', id], ['incidents']].map((queryKey) => client.invalidateQueries({ queryKey, refetchType: 'active' })),
      );
    },
  });
}
