import { administration } from './en/administration.ts';
import { incidents } from './en/incidents.ts';
import { messages } from './en/messages.ts';
import { objectives } from './en/objectives.ts';
import { onCall } from './en/on-call.ts';
import { overview } from './en/overview.ts';
import { postMortem } from './en/post-mortem.ts';
import { readiness } from './en/readiness.ts';
import { release } from './en/release.ts';
import { service } from './en/service.ts';
import { shell } from './en/shell.ts';

/** Every text of the console in English, by the area of the pages that say it. The others have the same keys. */
export const en = {
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
