import { z } from 'zod';
import { type AlertmanagerSpec, alertmanagers, type ReceivedAlertsSpec, receivedAlerts } from './alertmanager.ts';
import { choice } from './choice.ts';
import { isMapping } from './mapping.ts';
import { apiVersion, serviceName } from './service.ts';
import { duration } from './units.ts';

/** Where a secret is, in place of the secret: a document is shown, recorded and copied. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/** A role that a claim of the provider gives. */
export type RoleRule = {
  readonly claim: string;
  /** The claim has this value, or it is a list that holds it. */
  readonly equals: string;
  readonly role: 'viewer' | 'reporter' | 'operator' | 'approver' | 'admin';
  readonly services: '*' | readonly string[];
};

/** Signing in through an OpenID provider. */
export type OidcSettings = {
  /** On the button of the sign-in page. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: SecretPlace;
  readonly scopes: readonly string[];
  /** The claim that names a user. */
  readonly nameClaim: string;
  readonly roles: readonly RoleRule[];
};

/** A `Controller` document, checked and with every default filled in. */
export type ControllerSpec = {
  /** Where people reach the console when that is not where it listens; without a slash at its end. */
  readonly publicUrl: string | null;
  /** Addresses and networks of proxies whose word on where a request comes from is taken. */
  readonly trustProxy: readonly string[];
  readonly cors: { readonly origins: readonly string[] };
  readonly rateLimits: {
    readonly token: { readonly perMinute: number; readonly perHour: number };
    readonly user: { readonly perMinute: number };
    readonly anonymous: { readonly perMinute: number };
    /** Evaluations of flags by one credential, which do not count as its other requests. */
    readonly flags: { readonly perMinute: number };
    /** Messages with alerts from one credential, which do not count as its other requests. */
    readonly alerts: { readonly perMinute: number };
  };
  readonly sessions: { readonly idleMs: number; readonly maxMs: number };
  readonly oidc: OidcSettings | null;
  readonly streams: { readonly max: number };
  /** Who is sent the alerts of objectives. */
  readonly alertmanagers: readonly AlertmanagerSpec[];
  readonly receivedAlerts: ReceivedAlertsSpec;
};

const httpUrl = (example: string) =>
  z
    .string()
    .max(2_000)
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      if (!url || !/^https?:$/.test(url.protocol)) return refuse(`expected an address such as ${example}`);
      if (url.username !== '' || url.password !== '') refuse('expected an address without a password');
      if (url.search !== '' || url.hash !== '') refuse('expected an address without ? and #');
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .meta({ examples: [example] });

const origin = z
  .string()
  .max(300)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text, {
    error: 'expected an origin such as https://wall.example, without a path',
  })
  .meta({ examples: ['https://wall.example'] });

const addressOrNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const proxy = z
  .string()
  .max(50)
  .refine((text) => addressOrNetwork.safeParse(text).success, {
    error: 'expected an address or a network such as 10.0.0.0/8',
    abort: true,
  })
  // It would believe whoever asks, which is worse than believing nobody.
  .refine((text) => !/\/0+$/.test(text), { error: 'expected a network such as 10.0.0.0/8, not every address there is' })
  .meta({ examples: ['127.0.0.1', '10.0.0.0/8'] });

const perTime = (fallback: number) => z.int().min(1).max(1_000_000).default(fallback);

const inEnvironment = z.strictObject({
  env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable, such as OIDC_SECRET' })
    .describe("Variable of the controller's environment that holds it."),
});
const inFile = z.strictObject({
  file: z.string().min(1).max(4_000).describe('File that holds it, read when the controller starts.'),
});
const secret = choice([inEnvironment, inFile], (value, refuse) => {
  if (isMapping(value) && ('env' in value || 'file' in value)) return 'env' in value ? inEnvironment : inFile;
  // Without what was found: it may be the secret itself.
  return refuse({
    message: 'expected { env: NAME } or { file: PATH }, because a secret in a document would be shown and recorded',
  });
}).describe('Where the secret is: `{ env: NAME }` or `{ file: PATH }`. It never stands in the document.');

const word = z.string().min(1).max(200);

const oidc = z.strictObject({
  name: z.string().min(1).max(60).default('Single sign-on').describe('What the button of the sign-in page says.'),
  issuer: httpUrl('https://accounts.example').describe('The provider; its configuration is found from there.'),
  clientId: word.describe('What the provider calls this controller.'),
  clientSecret: secret,
  scopes: z.array(word).max(20).default(['openid', 'profile', 'email']).describe('What the provider is asked for.'),
  nameClaim: word.default('preferred_username').describe('The claim that names a user; `email` and `sub` where it is missing.'),
  roles: z
    .array(
      z.strictObject({
        claim: word.describe('Claim of the ID token, such as groups.'),
        equals: word.describe('Its value, or one of its values.'),
        role: z.enum(['viewer', 'reporter', 'operator', 'approver', 'admin']),
        services: z
          .union([z.literal('*'), z.array(serviceName).min(1).max(500)])
          .default('*')
          .describe('The services that the role is for; * for all of them.'),
      }),
    )
    .max(200)
    .default([])
    .describe('Who gets which role. Somebody whom no rule gives one is not let in.'),
});

/** The schema of a whole `Controller` document: how the controller itself is set up. Parses to a `ControllerSpec`. */
export const controllerDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('Controller').describe('Kind of the document.'),
    metadata: z.strictObject({ name: serviceName.optional() }).prefault({}).describe('What the controller is called.'),
    spec: z
      .strictObject({
        publicUrl: httpUrl('https://rampart.example')
          .optional()
          .describe('Where people reach the console, when that is not where it listens.'),
        trustProxy: z.array(proxy).max(50).default([]).describe('Proxies in front of it, whose X-Forwarded-For is believed.'),
        cors: z
          .strictObject({ origins: z.array(origin).max(50).default([]) })
          .prefault({})
          .describe('Other sites whose pages may ask the API with a token. None by default.'),
        rateLimits: z
          .strictObject({
            token: z
              .strictObject({ perMinute: perTime(60), perHour: perTime(1_000) })
              .prefault({})
              .describe('Requests of one service token.'),
            user: z
              .strictObject({ perMinute: perTime(600) })
              .prefault({})
              .describe('Requests of one session.'),
            anonymous: z
              .strictObject({ perMinute: perTime(300) })
              .prefault({})
              .describe('Requests of one address without a credential.'),
            flags: z
              .strictObject({ perMinute: perTime(60_000) })
              .prefault({})
              .describe('Evaluations of feature flags by one credential; they do not count as its other requests.'),
            alerts: z
              .strictObject({ perMinute: perTime(6_000) })
              .prefault({})
              .describe('Messages with alerts from one credential; they do not count as its other requests.'),
          })
          .prefault({})
          .describe('How often one may ask. Aborts and rollbacks are never refused for it.'),
        sessions: z
          .strictObject({
            idle: duration({ minMs: 60_000, maxMs: 2_592_000_000 })
              .prefault('12h')
              .describe('Ends this long after its last request.'),
            max: duration({ minMs: 60_000, maxMs: 2_592_000_000 }).prefault('7d').describe('Ends this long after signing in.'),
          })
          .prefault({})
          .describe('How long people stay signed in.'),
        oidc: oidc.optional().describe('Signing in through an OpenID provider.'),
        streams: z
          .strictObject({ max: z.int().min(1).max(100_000).default(2_000).describe('Open live views at most.') })
          .prefault({})
          .describe('Live views.'),
        alertmanagers: alertmanagers.default([]).describe('Alertmanagers that are sent the alerts of objectives.'),
        receivedAlerts: receivedAlerts.prefault({}).describe('How alerts of Alertmanager and Prometheus are taken in.'),
      })
      .prefault({})
      .describe('How the controller is set up; every part has a default.'),
  })
  .meta({ title: 'Rampart controller', description: 'How a controller is set up: where people reach it, limits, sign-in.' })
  .transform(({ spec }): ControllerSpec => {
    const { publicUrl, trustProxy, cors, rateLimits, sessions, oidc: provider, streams, ...alerts } = spec;
    return {
      publicUrl: publicUrl ?? null,
      trustProxy,
      cors,
      rateLimits,
      sessions: { idleMs: sessions.idle, maxMs: sessions.max },
      oidc: provider ?? null,
      streams,
      ...alerts,
    };
  });

/** What a controller without a document is set up like. */
export const controllerDefaults: ControllerSpec = controllerDocument.parse({ apiVersion, kind: 'Controller' });
