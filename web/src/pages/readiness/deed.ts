import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import { say } from '../../components/said.tsx';

export type Deed = {
  readonly method: 'POST' | 'DELETE';
  /** Behind `/services/NAME/readiness`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
};

/**
 * What a person does to the readiness of a service: said when it is done, and the report is asked for again.
 *
 * @param done - What is said then.
 */
export function useDeed(
  service: string,
  done: string,
  { onDone = () => {}, onFailed = () => {} }: { onDone?: () => void; onFailed?: (error: Error) => void } = {},
) {
  const client = useQueryClient();
  const { key, failed } = useIntent();
  return useMutation({
    mutationFn: ({ method, path, query, body }: Deed) =>
      ask<unknown>(pathOf(['services', service, 'readiness', ...path], query), { method, body, key }),
    onSuccess: async () => {
      onDone();
      say(done);
      await client.invalidateQueries({ queryKey: ['readiness', service] });
    },
    onError: (error) => {
      failed(error);
      onFailed(error);
    },
  });
}
