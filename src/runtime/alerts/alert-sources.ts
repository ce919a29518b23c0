import type { AlertMessageBody, AlertSourcePlugin, AlertsRead, Proof } from '../../alert-sources/source.ts';
import { type NotVerified, type ReceivedMessage, type Verified, verify } from '../../alert-sources/verify.ts';
import type { Reception } from '../../alerts/receive.ts';
import { lineOf, sourcePrefix } from '../../alerts/told.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { AlertSourceSpec } from '../../spec/alert-source.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import type { Clock } from '../clock.ts';
import type { AlertIntake } from './alert-intake.ts';
import type { AlertsRecorded } from './alert-records.ts';
import type { SeenMark, SeenMessages } from './seen-messages.ts';

/** Kinds of programs that tell of alerts, by their names in documents. */
export type AlertSourcePlugins = Readonly<Record<string, AlertSourcePlugin>>;

export type AlertSourcesOptions = {
  /** What is in force now. */
  readonly sources: () => readonly AlertSourceSpec[];
  readonly plugins: AlertSourcePlugins;
  /** @throws UserError when it is not there. */
  readonly secret: (reference: NamedSecret) => Promise<string>;
  readonly intake: AlertIntake;
  readonly alerts: AlertsRecorded;
  /** How long an alert lasts of a source that does not say. */
  readonly lastsMs: number;
  readonly seen: SeenMessages;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** How a source has sent so far, since the controller started. Times are unix milliseconds. */
export type AlertSourceStatus = {
  readonly name: string;
  readonly kind: string;
  /** Whether the last message of it was taken, or none has come yet. */
  readonly ok: boolean;
  /** When a message was taken last; null: none was. */
  readonly lastAtMs: number | null;
  /** Messages that were taken, and that were refused. */
  readonly taken: number;
  readonly refused: number;
  /** Alerts of it that are open. */
  readonly open: number;
  /** The last thing that went wrong, also when all is well again. */
  readonly lastProblem: { readonly atMs: number; readonly text: string } | null;
};

/** What came of a message, in numbers of alerts. */
export type SourceTaken = Reception['counts'] & { readonly truncated: number; readonly notes: readonly string[] };
/** `wait`: it sends too often. */
export type SourceAnswer =
  | { readonly kind: 'taken'; readonly taken: SourceTaken }
  | { readonly kind: 'wait'; readonly retryAfterS: number; readonly perMinute: number };

type Kept = {
  readonly lastAtMs: number | null;
  readonly taken: number;
  readonly refused: number;
  readonly lastProblem: AlertSourceStatus['lastProblem'];
  /** When a problem was last said in the output. */
  readonly saidMs: number;
};

const minuteMs = 60_000;
/** Trouble of one source is said in the output once in so long, and the same again after so long: whoever guesses must not fill it. */
const saidMs = 10_000;
const saidAgainMs = 600_000;
/** Problems that are told one by one, and how long their text may be. */
const toldMax = 5;
const textMax = 600;
const nothing = { opened: 0, resolved: 0, repeated: 0, ours: 0, passed: 0 };

/** Takes in what alert sources tell: who it is, whether it is new, and what it says. */
export class AlertSources {
  readonly #options: AlertSourcesOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #minutes = new Map<string, { fromMs: number; count: number }>();
  /** What is being taken this moment. */
  readonly #underWay = new Set<string>();

  constructor(options: AlertSourcesOptions) {
    this.#options = options;
  }

  get status(): readonly AlertSourceStatus[] {
    const { sources, alerts } = this.#options;
    const keys = [...alerts.state.open.keys()];
    return sources().map(({ name, sender }) => {
      const { lastAtMs, taken, refused, lastProblem } = this.#keptOf(name);
      const ok = lastProblem === null || (lastAtMs !== null && lastAtMs >= lastProblem.atMs);
      const prefix = sourcePrefix(name);
      const open = keys.filter((key) => key.startsWith(prefix)).length;
      return { name, kind: sender.kind, ok, lastAtMs, taken, refused, open, lastProblem };
    });
  }

  /** Whether secrets of a source are there; in words where they are not. */
  async missing(name: string): Promise<string | null> {
    const spec = this.#options.sources().find((one) => one.name === name);
    if (!spec) return null;
    try {
      await this.#secrets(this.#pluginOf(spec).proof(spec.sender.config));
      return null;
    } catch (error) {
      return saidOf(error);
    }
  }

  /** Notes that a message for a source was not even read. */
  refuse(name: string, why: string): void {
    if (this.#options.sources().some((one) => one.name === name)) this.#note(name, why);
  }

  /**
   * Takes one message in. Safe to repeat.
   *
   * @throws UserError `E_UNAUTHORIZED`, `E_REPLAYED`, `E_INPUT`, `E_FORBIDDEN`, `E_ALERTS_FULL`, and those of `RecordedState.change`.
   */
  async take(name: string, message: Omit<ReceivedMessage, 'nowMs'>): Promise<SourceAnswer> {
    const spec = this.#options.sources().find((one) => one.name === name);
    // Nobody learns without a signature what there is and what there is not.
    if (!spec) throw nobody();
    try {
      return await this.#take(spec, message);
    } catch (error) {
      if (error instanceof UserError) this.#note(name, saidOf(error));
      throw error;
    }
  }

  async #take(spec: AlertSourceSpec, message: Omit<ReceivedMessage, 'nowMs'>): Promise<SourceAnswer> {
    const { clock, seen } = this.#options;
    const { name, sender, perMinute } = spec;
    const plugin = this.#pluginOf(spec);
    const nowMs = clock.now();
    const proof = plugin.proof(sender.config);
    const found = verify(proof, await this.#secrets(proof), { ...message, nowMs });
    if (found.kind === 'refused') throw unverified(found);
    const retryAfterS = this.#mustWait(name, perMinute, nowMs);
    if (retryAfterS > 0) {
      this.#note(name, `it sends more than ${perMinute} messages a minute`);
      return { kind: 'wait', retryAfterS, perMinute };
    }
    const { once, id, body } = found;
    if (once && seen.has(name, once.digest, nowMs))
      throw new UserError('E_REPLAYED', 'this message was taken already: it is a replay', {
        where: 'signature',
        fix: 'sign it anew where it is to be sent again; nothing of it is lost',
      });
    if (id && seen.has(name, id.digest, nowMs))
      return { kind: 'taken', taken: { ...nothing, truncated: 0, notes: ['a message of this id was taken already'] } };
    const marks = [once, id, body].filter((mark) => mark !== null);
    const claims = marks.map(({ digest }) => `${name} ${digest}`);
    if (claims.some((claim) => this.#underWay.has(claim)))
      throw new UserError('E_ALERTS_FULL', 'the same message is being taken just now', {
        where: 'alerts',
        fix: 'send it again in a few seconds',
      });
    for (const claim of claims) this.#underWay.add(claim);
    try {
      const read = plugin.read(sender.config, bodyOf(message));
      if ('problem' in read) throw new UserError('E_INPUT', read.problem, { where: 'body', fix: read.fix });
      return { kind: 'taken', taken: await this.#received(spec, read, found, marks) };
    } finally {
      for (const claim of claims) this.#underWay.delete(claim);
    }
  }

  async #received(
    { name, labels, services, lastsMs, max }: AlertSourceSpec,
    { alerts, truncated, problems, notes }: AlertsRead,
    { body }: Verified,
    marks: readonly SeenMark[],
  ): Promise<SourceTaken> {
    const { intake, seen, clock } = this.#options;
    const isAgain = body !== null && seen.has(name, body.digest, clock.now());
    const { refused, counts, ...reception } = await intake.take({
      alerts: alerts.map((alert) => ({ ...alert, labels: { ...alert.labels, ...labels } })),
      via: 'source',
      actor: `alert source ${name}`,
      may: (service) => services === '*' || (service !== null && services.includes(service)),
      truncated,
      source: { name, lastsMs: lastsMs ?? this.#options.lastsMs, max, isAgain },
    });
    if (refused.full > 0)
      throw new UserError(
        'E_ALERTS_FULL',
        `${refused.full === 1 ? '1 alert was' : `${refused.full} alerts were`} not taken: too many are open`,
        {
          where: 'alerts',
          fix: 'group and filter them before they are sent, or raise max of the AlertSource document, or receivedAlerts.max of the Controller',
        },
      );
    // Only now: what was not taken is to come again.
    seen.add(name, marks, clock.now());
    if (refused.again > 0)
      throw new UserError(
        'E_REPLAYED',
        `this body was taken already, and ${refused.again} of its alerts would begin or end once more`,
        {
          where: 'signature',
          fix: 'sign a time with it, or let it say something new each time, such as when an alert has begun',
        },
      );
    if (refused.forbidden.length > 0)
      throw new UserError('E_FORBIDDEN', `it may not tell of ${listed(refused.forbidden)}`, {
        where: 'services',
        fix: 'add their services to services of the AlertSource document',
      });
    const wrong = [...problems, ...refused.wrong];
    if (wrong.length > 0)
      throw new UserError(
        'E_INPUT',
        `${wrong.length} of its alerts ${wrong.length === 1 ? 'was' : 'were'} not taken: ${listed(wrong)}`,
        {
          where: 'alerts',
          fix: 'see what a body becomes with `rampart incidents try-source FILE --body BODY.json`',
        },
      );
    const kept = this.#keptOf(name);
    this.#kept.set(name, { ...kept, lastAtMs: clock.now(), taken: kept.taken + 1 });
    return { ...counts, truncated, notes: [...notes, ...reception.notes] };
  }

  async #secrets(proof: Proof): Promise<readonly string[]> {
    const values: string[] = [];
    for (const [at, reference] of proof.secrets.entries())
      try {
        values.push(await this.#options.secret(reference));
      } catch (error) {
        // That of before may be gone already.
        if (at === 0) throw new NotReady(`who sends cannot be known: ${messageOf(error)}`, error);
      }
    return values;
  }

  #pluginOf({ sender: { kind } }: AlertSourceSpec): AlertSourcePlugin {
    const { plugins } = this.#options;
    const plugin = Object.hasOwn(plugins, kind) ? plugins[kind] : undefined;
    if (!plugin) throw new Error(`there is no kind of alert source ${kind}`);
    return plugin;
  }

  /** Seconds that it has to wait; 0: none. */
  #mustWait(name: string, perMinute: number, nowMs: number): number {
    const before = this.#minutes.get(name);
    const isSame = before && nowMs >= before.fromMs && nowMs < before.fromMs + minuteMs;
    const minute = isSame ? before : { fromMs: nowMs, count: 0 };
    this.#minutes.set(name, minute);
    minute.count += 1;
    return minute.count <= perMinute ? 0 : Math.max(1, Math.ceil((minute.fromMs + minuteMs - nowMs) / 1_000));
  }

  #note(name: string, why: string): void {
    const atMs = this.#options.clock.now();
    const text = lineOf(why, textMax);
    const kept = this.#keptOf(name);
    const isSame = kept.lastProblem?.text === text;
    const isSaid = atMs - kept.saidMs >= (isSame ? saidAgainMs : saidMs);
    if (isSaid) this.#options.warn(`a message of the alert source ${name} is refused: ${text}`);
    this.#kept.set(name, {
      ...kept,
      refused: kept.refused + 1,
      lastProblem: { atMs, text },
      saidMs: isSaid ? atMs : kept.saidMs,
    });
  }

  #keptOf(name: string): Kept {
    return this.#kept.get(name) ?? { lastAtMs: null, taken: 0, refused: 0, lastProblem: null, saidMs: Number.NEGATIVE_INFINITY };
  }
}

/** The sender hears less than the status says. */
class Refused extends UserError {
  readonly said: string;
  constructor(said: string, what: string) {
    super('E_UNAUTHORIZED', what, {
      where: 'signature',
      fix: 'see docs/guides/alert-sources.md for how a sender is to be set up',
    });
    this.said = said;
  }
}

/** The same where it is the controller that misses something. */
class NotReady extends UserError {
  readonly said: string;
  constructor(said: string, cause: unknown) {
    super('E_ALERTS_FULL', 'nothing can be taken just now', { where: 'alerts', fix: 'send it again in a minute', cause });
    this.said = said;
  }
}

function saidOf(error: unknown): string {
  return error instanceof Refused || error instanceof NotReady ? error.said : messageOf(error);
}

function nobody(said = ''): Refused {
  return new Refused(said, 'nothing is taken from there');
}

function unverified({ said, isKnown }: NotVerified): Refused {
  return isKnown ? new Refused(said, said) : nobody(said);
}

function bodyOf({ headers, body }: Omit<ReceivedMessage, 'nowMs'>): AlertMessageBody {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { contentType: headers['content-type'] ?? '', json: JSON.parse(text) };
  } catch {
    // Not the parser's words: parts of the body would be in them.
    throw new UserError('E_INPUT', 'the body is not JSON in UTF-8', { where: 'body', fix: 'send JSON' });
  }
}

function listed(problems: readonly string[]): string {
  const more = problems.length - toldMax;
  return lineOf(`${problems.slice(0, toldMax).join('; ')}${more > 0 ? `; and ${more} more` : ''}`, textMax);
}
