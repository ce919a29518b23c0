import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckContext, CheckPlugin, CheckResult } from '../../checks/check.ts';
import type { OwnView } from '../../checks/own-view.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { ResolvedCheck } from '../../readiness/resolved.ts';
import { namedSecrets, type ReadText, secretValue } from '../../spec/secret.ts';
import { isSecretVariable } from '../../spec/secret-name.ts';
import { durationText } from '../../spec/unit-text.ts';
import { redactedLines } from '../../views/redacted.ts';
import { boundedLine, boundedResult, type Hide } from './bounded-result.ts';

/** Where checks of a run look. */
export type CheckPlace = {
  readonly service: string;
  readonly version: string | null;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecret: ReadText;
  /** Secrets beside those that the check and its environment name, such as those of the service's document. */
  readonly secrets?: readonly string[];
  readonly own: OwnView | null;
  /** Unix ms. */
  now(): number;
};

/** How long a check may still take once it was told to end. */
const graceMs = 5_000;

/**
 * Runs one check to its end, its timeout, or the signal. Never rejects but for the signal: whatever goes wrong is an answer.
 *
 * @param progress - Takes lines about how far it is.
 */
export async function checkOnce(
  plugin: CheckPlugin,
  check: ResolvedCheck,
  place: CheckPlace,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<CheckResult> {
  signal.throwIfAborted();
  const timeoutMs = check.timeoutMs ?? plugin.timeoutMs;
  const hide = hiding(check.config, place);
  const end = new AbortController();
  const stop = (): void => end.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end.abort(new DOMException('the time of the check is over', 'TimeoutError'));
  }, timeoutMs);
  let hasEnded = false;
  let scratch: string | null = null;
  try {
    scratch = await mkdtemp(join(tmpdir(), 'rampart-check-'));
    signal.throwIfAborted();
    const context = contextOf(check, place, scratch, end.signal, (text) => {
      // What was left to itself may go on talking.
      if (!hasEnded) progress(boundedLine(text, hide));
    });
    const answer = await beforeGrace(plugin.run(check.config, context), end.signal);
    signal.throwIfAborted();
    return boundedResult(answer === null ? late(check.kind, timeoutMs) : answer, hide);
  } catch (error) {
    signal.throwIfAborted();
    return boundedResult(isLate ? late(check.kind, timeoutMs) : unproven(check.kind, error), hide);
  } finally {
    hasEnded = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    if (scratch !== null) await rm(scratch, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

function contextOf(
  check: ResolvedCheck,
  place: CheckPlace,
  scratch: string,
  signal: AbortSignal,
  progress: (text: string) => void,
): CheckContext {
  const { service, version, folder, environment, readSecret, own } = place;
  return {
    service,
    version,
    folder,
    scratch,
    environment,
    secret: (named) => {
      const found = secretValue(named, environment, readSecret);
      if ('value' in found) return found.value;
      throw new UserError('E_CHECK_SECRET', found.missing, { where: check.kind, fix: 'set it where the check is run' });
    },
    now: () => place.now(),
    signal,
    progress,
    own,
  };
}

/** The answer, or null when it does not come soon after the signal: what does not end is left to itself. */
async function beforeGrace(work: Promise<CheckResult>, signal: AbortSignal): Promise<CheckResult | null> {
  let timer: NodeJS.Timeout | undefined;
  const given = Promise.withResolvers<null>();
  const begin = (): void => {
    timer = setTimeout(given.resolve, graceMs, null);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    return await Promise.race([work, given.promise]);
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}

function late(kind: string, timeoutMs: number): CheckResult {
  const long = durationText(timeoutMs);
  return {
    status: 'fail',
    lookedAt: kind,
    found: { en: `no end within ${long}`, ru: `не завершилось за ${long}` },
    expected: { en: `an answer within ${long}`, ru: `ответ не позже чем через ${long}` },
    fix: {
      en: 'look at why it takes so long, or give the item a longer timeout',
      ru: 'разберитесь, почему так долго, или задайте пункту больший timeout',
    },
    evidence: [],
    figures: {},
  };
}

function unproven(kind: string, error: unknown): CheckResult {
  const isKnown = error instanceof UserError;
  return {
    status: 'unproven',
    lookedAt: isKnown ? error.where : kind,
    found: messageOf(error),
    expected: { en: 'an answer', ru: 'ответ' },
    fix: isKnown
      ? error.fix
      : { en: 'this is a fault of the check itself: report it', ru: 'это ошибка самой проверки: сообщите о ней' },
    evidence: [],
    figures: {},
  };
}

/** Takes out the secrets that the configuration names, and those of the environment. */
function hiding(config: unknown, { environment, readSecret, secrets = [] }: CheckPlace): Hide {
  const named = namedSecrets(config).flatMap((secret) => {
    const found = secretValue({ ...secret, prefix: '' }, environment, readSecret);
    return 'value' in found ? [found.value] : [];
  });
  const inherited = Object.entries(environment).flatMap(([name, value]) => (value && isSecretVariable(name) ? [value] : []));
  const known = [...new Set([...named, ...inherited, ...secrets])];
  return (lines) => redactedLines(lines, known);
}
