import type { Controller } from '../runtime/controller.ts';
import type { EventLog } from '../stores/log.ts';

/** What the API stands on. */
export type ServerOptions = {
  readonly controller: Controller;
  readonly log: EventLog;
  /** The secret that every request under `/api/v1` has to bring. */
  readonly token: string;
  readonly version: string;
  readonly warn: (text: string) => void;
};
