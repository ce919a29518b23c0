import type { Dictionary } from './index.ts';
import { administration } from './ru/administration.ts';
import { incidents } from './ru/incidents.ts';
import { messages } from './ru/messages.ts';
import { objectives } from './ru/objectives.ts';
import { onCall } from './ru/on-call.ts';
import { overview } from './ru/overview.ts';
import { postMortem } from './ru/post-mortem.ts';
import { readiness } from './ru/readiness.ts';
import { release } from './ru/release.ts';
import { service } from './ru/service.ts';
import { shell } from './ru/shell.ts';

/** Every text of the console in Russian. */
export const ru: Dictionary = {
  ...shell,
  ...overview,
  ...release,
  ...service,
  ...objectives,
  ...administration,
  ...readiness,
  ...incidents,
  ...messages,
  ...postMortem,
  ...onCall,
};
