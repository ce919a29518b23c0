import { z } from 'zod';

/** A feature flag that a service's releases give out, as users write it under `router: { flag: … }`. */
export const FlagConfig = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(100)
    .describe('Key of the flag in its FlagSet. The versions of the service are its variants.')
    .meta({ examples: ['new-checkout'] }),
  results: z
    .boolean()
    .default(true)
    .describe(
      'Programs report what became of it for each user (POST /api/v1/flags/KEY/results), and the guard goes by that. false: it goes by spec.source.',
    ),
});
