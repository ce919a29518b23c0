import { userInfo } from 'node:os';

/** What the command line takes from its environment. Nothing else in Rampart reads it. */
export const environment = {
  /** Everything, for what is started on the user's behalf. */
  all: process.env,
  /** Address of a controller's API, instead of the one in the data folder. */
  url: process.env.RAMPART_URL,
  token: process.env.RAMPART_TOKEN,
  /** Data folder when `--data` is not given. */
  data: process.env.RAMPART_DATA,
  /** Language of what the guard says when `--lang` is not given. */
  lang: process.env.RAMPART_LANG,
  /** Who acts, for the timeline. */
  user: process.env.RAMPART_USER ?? userName(),
};

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
