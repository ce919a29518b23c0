import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, pathOf } from '../api/client.ts';
import { useIntent } from '../api/intent.ts';
import { say } from './said.tsx';

export type Deed = {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Behind the path of what it is done to. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
};

/**
 * What a person does to something: said when it is done, and what is known of that thing is asked for again.
 *
 * @param under - Its path in the API.
 * @param queryKey - Of what is asked for again.
 * @param done - What is said then.
 */
export function useDeed(
  { under, queryKey }: { readonly under: readonly string[]; readonly queryKey: readonly string[] },
  done: string,
  { onDone = () => {}, onFailed = () => {} }: { onDone?: () => void; onFailed?: (error: Error) => void } = {},
) {
  const client = useQueryClient();
  const { key, failed, renew } = useIntent();
  return useMutation({
    mutationFn: ({ method, path, query, body }: Deed) => ask<unknown>(pathOf([...under, ...path], query), { method, body, key }),
    onSuccess: async () => {
      renew();
      onDone();
      say(done);
      await client.invalidateQueries({ queryKey });
    },
    onError: (error) => {
      failed(error);
      onFailed(error);
    },
  });
}
