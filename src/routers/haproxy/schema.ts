import { z } from 'zod';
import { listenAddress } from '../../spec/units.ts';

const absolute = (what: string, example: string) =>
  z
    .string()
    .max(4_000)
    .regex(/^\/[^\0\n]+$/, `expected the absolute path of ${what}, such as ${example}`);

/** Configuration of the HAProxy router, as users write it under `router: { haproxy: … }`. */
export const HaproxyConfig = z
  .strictObject({
    socket: absolute('a socket', '/run/haproxy/admin.sock')
      .refine(
        (path) => Buffer.byteLength(path) <= 107,
        'expected a path of at most 107 bytes, the most that a unix socket can have',
      )
      .meta({
        description: "HAProxy's own `stats socket … level admin`.",
        examples: ['/run/haproxy/admin.sock'],
      }),
    backend: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,200}$/, "expected the name of a backend in HAProxy's configuration, such as shop")
      .describe('The backend that serves this service and nothing else; `balance roundrobin`.'),
    servers: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'expected the prefix of a server-template, such as rampart')
      .default('rampart')
      .describe('Prefix of the `server-template` whose servers are for Rampart to fill. All others are left alone.'),
    state: absolute('a folder', '/var/lib/haproxy/rampart').meta({
      description:
        'Folder for what Rampart has written, the same for every Rampart that works on this HAProxy. BACKEND.state in it is a server-state-file.',
      examples: ['/var/lib/haproxy/rampart'],
    }),
    match: z
      .boolean()
      .default(false)
      .describe(
        'Whether the backend has the `use-server` line for BACKEND.map in the folder of the state, so that headers and cookies can be matched.',
      ),
    log: listenAddress()
      .refine(({ port }) => port > 0, 'expected the port to which HAProxy logs, such as 127.0.0.1:5141')
      .optional()
      .meta({
        description: 'Where HAProxy logs over UDP with `option httplog`: gives the guard the latency of every request.',
        examples: ['127.0.0.1:5141'],
      }),
  })
  .describe('A HAProxy of your own, driven over its runtime API.');
export type HaproxyConfig = z.output<typeof HaproxyConfig>;
