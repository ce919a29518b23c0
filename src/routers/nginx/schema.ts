import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { listenAddress } from '../../spec/units.ts';

/** Words of a command, started without a shell. */
const command = z.array(z.string().min(1).max(1_000)).min(1).max(32);

/** A path that can stand in nginx's configuration as it is. */
const file = (example: string) =>
  z
    .string()
    .max(1_000)
    .refine((path) => isAbsolute(path) && /^[\w/.@+,=-]+$/.test(path), {
      error: `expected an absolute path without blanks such as ${example}`,
    })
    .meta({ examples: [example] });

/** Configuration of the user's own nginx, as they write it under `router: { nginx: … }`. */
export const NginxConfig = z.strictObject({
  /** The one file that Rampart writes. The user includes it in `http {}`. */
  include: file('/etc/nginx/rampart/checkout.conf'),
  /** Where nginx logs the requests of this service for Rampart to count. */
  log: file('/var/log/nginx/rampart-checkout.log'),
  /** Where nginx tells Rampart what is in force; an address of this machine that nobody else uses. */
  status: listenAddress()
    .refine(({ host, port }) => port > 0 && ['127.0.0.1', '::1', 'localhost'].includes(host), {
      error: 'expected a loopback address with a port such as 127.0.0.1:9145',
    })
    .transform(({ host, port }) => ({ host: host === 'localhost' ? '127.0.0.1' : host, port })),
  /** `reload`: any nginx; a change is a reload. `lua`: needs nginx's Lua module; a change is in force at once. */
  mode: z.enum(['reload', 'lua']).default('reload'),
  /** Tests the whole configuration; exit code 0: it is good. */
  test: command.default(['nginx', '-t']),
  /** Makes the running nginx load its configuration. */
  reload: command.default(['nginx', '-s', 'reload']),
});
export type NginxConfig = z.output<typeof NginxConfig>;
