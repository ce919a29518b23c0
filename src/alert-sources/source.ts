import type { z } from 'zod';
import type { WireAlert } from '../alerts/told.ts';
import type { NamedSecret } from '../spec/secret.ts';
import type { Text } from '../spec/text.ts';

/** What is signed, and where the signature stands. */
export type SignatureScheme =
  /** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64` over `id.timestamp.body`. */
  | { readonly kind: 'standard' }
  /** The body alone in one header, or `timestamp`, a separator and the body. */
  | {
      readonly kind: 'header';
      readonly header: string;
      readonly prefix: string;
      readonly encoding: 'hex' | 'base64';
      readonly timestamp: { readonly header: string; readonly separator: string } | null;
    };

/** How a sender shows that it is the one. Of several secrets any will do: a new one can be brought in before the old one goes. */
export type Proof =
  | {
      readonly kind: 'signature';
      readonly secrets: readonly NamedSecret[];
      readonly scheme: SignatureScheme;
      /** How far the time of signing may be from now. */
      readonly toleranceMs: number;
      /** How long messages are known again. */
      readonly replayWindowMs: number;
    }
  | { readonly kind: 'bearer'; readonly secrets: readonly NamedSecret[] }
  | { readonly kind: 'basic'; readonly user: string; readonly secrets: readonly NamedSecret[] };

/** A message whose sender is known. */
export type AlertMessageBody = { readonly contentType: string; readonly json: unknown };

/** What a message says. */
export type AlertsRead = {
  readonly alerts: readonly WireAlert[];
  /** Alerts that the sender has left out. */
  readonly truncated: number;
  /** Alerts that are none, and why, in words for the one who has set the sender up. */
  readonly problems: readonly string[];
  /** What is no news of an alert, such as a test. */
  readonly notes: readonly string[];
};

/** A message that is not what this kind of sender sends. */
export type NotRead = { readonly problem: string; readonly fix: string };

/**
 * One kind of program that tells of alerts.
 *
 * @experimental
 */
export type AlertSourcePlugin<Schema extends z.ZodType = z.ZodType> = {
  /** What it is, in a few words. */
  readonly title: Text;
  readonly schema: Schema;
  proof(config: z.output<Schema>): Proof;
  /** Pure, and rejects nothing by throwing. */
  read(config: z.output<Schema>, message: AlertMessageBody): AlertsRead | NotRead;
};

/** Ties the configuration of `read` to the schema. */
export function defineAlertSource<Schema extends z.ZodType>(plugin: AlertSourcePlugin<Schema>): AlertSourcePlugin<Schema> {
  return plugin;
}

/** Alerts of one message; more come in several. */
export const alertsMax = 2_000;
