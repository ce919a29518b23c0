import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../errors.ts';
import { secretValue } from '../spec/secret.ts';
import { anyInbound, events, example, hostileMessage } from './messages.fixture.ts';
import {
  capabilitiesOf,
  type Delivery,
  type Message,
  type NotifierPlugin,
  type NotifierTools,
  type Receipt,
} from './notifier.ts';
import { type Answer, type Behaviour, Receiver, type Taken } from './receiver.fixture.ts';

/** What a receiver has to be for the suite. */
export type ReceiverUnderTest = {
  behaviour: Behaviour;
  /** How many requests or mails have come. */
  readonly count: () => number;
  isLeft(): Promise<void>;
};

export type Made = {
  readonly receiver: ReceiverUnderTest;
  readonly config: Readonly<Record<string, unknown>>;
  /** Secrets that only this receiver has, such as its address. */
  readonly secrets?: Readonly<Record<string, string>>;
};

export type NotifierSuite = {
  readonly plugin: NotifierPlugin;
  /** Values that the configuration names, by their environment variables; none may be said. */
  readonly secrets: Readonly<Record<string, string>>;
  /** A receiver as the real one, and the configuration for it as a document writes it. It checks each message, and throws in the end. */
  make(t: TestContext): Promise<Made>;
  /** The same of what is needed to believe what comes in. */
  readonly inboundSecrets?: Readonly<Record<string, string>>;
  /** Behaviours that this receiver cannot have. */
  readonly without?: readonly Behaviour[];
  /** When it says when: by default the 7 s of `Retry-After`. */
  readonly busyMs?: number | null;
  /** How many hostile messages it is sent: fewer where each takes long. */
  readonly hostileRuns?: number;
};

/** How each behaviour has to be taken. */
const wanted: Readonly<Record<Exclude<Behaviour, 'yes'>, Delivery['kind']>> = {
  busy: 'retry',
  broken: 'retry',
  no: 'refused',
  echo: 'refused',
  silent: 'retry',
  'half-open': 'retry',
  'hangs-up': 'retry',
  elsewhere: 'refused',
  endless: 'refused',
};

const never = new AbortController().signal;

/** What a plugin has of the machine, in a test. */
export function toolsWith(secrets: Readonly<Record<string, string>>): NotifierTools {
  return {
    async secret(reference) {
      const found = secretValue(reference, secrets, () => {
        throw new Error('no file here');
      });
      if ('value' in found) return found.value;
      throw new UserError('E_NOTIFIER_SECRET', found.missing, { where: 'notifier', fix: 'set it where the controller runs' });
    },
    consoleUrl: 'https://rampart.example',
  };
}

/** A receiver over HTTP, and the configuration that its address gives. */
export function overHttp(
  accept: (request: Taken) => Answer,
  configOf: (base: string) => Readonly<Record<string, unknown>>,
  answers: Partial<Record<Behaviour, Answer>> = {},
  secretsOf: (base: string) => Readonly<Record<string, string>> = () => ({}),
): NotifierSuite['make'] {
  return async (t) => {
    const http = await Receiver.start(t, accept, answers);
    const receiver: ReceiverUnderTest = {
      get behaviour() {
        return http.behaviour;
      },
      set behaviour(behaviour) {
        http.behaviour = behaviour;
      },
      count: () => http.taken.length - http.strayed.length,
      isLeft: () => http.isLeft(),
    };
    t.after(() => assert.deepEqual(http.strayed, [], 'a redirect was followed'));
    return { receiver, config: configOf(http.base), secrets: secretsOf(http.base) };
  };
}

/** Registers the tests that every notifier must pass. */
export function notifierConformance(
  kind: string,
  { plugin, secrets, inboundSecrets = {}, make, without = [], busyMs = 7_000, hostileRuns = 30 }: NotifierSuite,
): void {
  const open = (made: Made, given: object = {}, values: Readonly<Record<string, string>> = { ...secrets, ...made.secrets }) => {
    const notifier = plugin.open(plugin.schema.parse({ ...made.config, ...given }), toolsWith(values));
    const send = async (message: Message, before: Receipt | null = null, signal = never): Promise<Delivery> => {
      const delivery = await notifier.send(message, before, signal);
      checkDelivery(delivery, { ...secrets, ...made.secrets });
      return delivery;
    };
    return { send, close: () => notifier.close() };
  };

  test(`${kind}: says what it is`, () => {
    assert(Number.isInteger(plugin.perMinute) && plugin.perMinute > 0);
    assert.notEqual(plugin.title, '');
    assert.equal(plugin.schema.safeParse({}).success, false, 'nothing at all is no configuration');
  });

  test(`${kind}: every event is taken, in both languages, one after another of a thread`, async (t) => {
    const made = await make(t);
    const { receiver } = made;
    const notifier = open(made);
    const can = capabilitiesOf(plugin, plugin.schema.parse(made.config));
    for (const language of ['en', 'ru'] as const) {
      let before: Receipt | null = null;
      for (const event of language === 'en' ? events : (['trigger', 'resolve'] as const)) {
        const delivery = await notifier.send(example({ event, language }), before);
        assert.equal(delivery.kind, 'delivered', `${event}: ${delivery.said}`);
        if (delivery.kind !== 'delivered') continue;
        assert.deepEqual(JSON.parse(JSON.stringify(delivery.receipt)), delivery.receipt);
        if (event === 'trigger' && (can.threads || can.updatesInPlace))
          assert.notDeepEqual(delivery.receipt, {}, 'the next message needs to know the first');
        if (event !== 'notice') before = delivery.receipt;
      }
    }
    assert(receiver.count() > 0);
    await notifier.close();
  });

  test(`${kind}: an end of what was never told is harmless`, async (t) => {
    const made = await make(t);
    const notifier = open(made);
    // Of nobody, of another receiver, or of an older version of this one.
    for (const before of [null, {}, { nonsense: 'x' }]) {
      for (const event of before === null ? (['resolve', 'update'] as const) : (['resolve'] as const)) {
        const delivery = await notifier.send(example({ event }), before);
        assert.equal(delivery.kind, 'delivered', delivery.said);
      }
    }
    await notifier.close();
  });

  for (const [behaviour, kindWanted] of Object.entries(wanted) as [Exclude<Behaviour, 'yes'>, Delivery['kind']][]) {
    if (without.includes(behaviour)) continue;
    test(`${kind}: a receiver that is ${behaviour}: ${kindWanted}`, async (t) => {
      const made = await make(t);
      const { receiver } = made;
      const isSilent = behaviour === 'silent' || behaviour === 'half-open';
      const notifier = open(made, { within: isSilent ? '150ms' : '30s' });
      receiver.behaviour = behaviour;
      const delivery = await notifier.send(example());
      assert.equal(delivery.kind, kindWanted, delivery.said);
      if (behaviour === 'busy') assert.equal(delivery.kind === 'retry' && delivery.afterMs, busyMs);
      await receiver.isLeft();
      // On a slow machine the time may be over before the request has come.
      if (isSilent) assert(receiver.count() <= 1);
      else assert.equal(receiver.count(), 1, 'once each');
      // The same notifier works as soon as the receiver does.
      receiver.behaviour = 'yes';
      if (!isSilent) assert.equal((await notifier.send(example())).kind, 'delivered');
      await notifier.close();
    });
  }

  test(`${kind}: nobody listens: later`, async (t) => {
    const { receiver, ...there } = await make(t);
    const text = JSON.stringify(there)
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:1')
      .replace(/"port":\d+/, '"port":1');
    const delivery = await open({ receiver, ...JSON.parse(text) }).send(example());
    assert.equal(delivery.kind, 'retry', delivery.said);
  });

  test(`${kind}: it ends when nobody wants it any more`, async (t) => {
    const made = await make(t);
    const { receiver } = made;
    const notifier = open(made, { within: '60s' });
    receiver.behaviour = 'silent';
    const stop = new AbortController();
    const sending = notifier.send(example(), null, stop.signal);
    const bound = AbortSignal.timeout(30_000);
    while (receiver.count() === 0) await new Promise((resolve) => setImmediate(resolve).ref()).then(() => bound.throwIfAborted());
    stop.abort();
    assert.equal((await sending).kind, 'retry');
    await receiver.isLeft();
    assert.equal((await notifier.send(example(), null, AbortSignal.abort())).kind, 'retry');
    assert.equal(receiver.count(), 1, 'nothing is sent that nobody wants');
    await notifier.close();
  });

  test(`${kind}: without its secrets nothing is sent, and it is tried again once they are there`, async (t) => {
    const made = await make(t);
    const { receiver } = made;
    const delivery = await open(made, {}, {}).send(example());
    assert(delivery.kind === 'retry' && delivery.untaken === true, delivery.said);
    assert.match(delivery.said, /is not set/);
    assert.equal(receiver.count(), 0);
  });

  if (plugin.inbound)
    test(`${kind}: whatever comes in without a signature is refused, and nothing is said of it`, async (t) => {
      const { config, secrets: own } = await make(t);
      const parsed = plugin.schema.parse(config);
      const tools = toolsWith({ ...secrets, ...own, ...inboundSecrets });
      const property = fc.asyncProperty(anyInbound, async (inbound) => {
        const answer = await plugin.inbound?.(parsed, inbound, tools);
        assert.equal(answer?.kind, 'refused');
        for (const secret of Object.values(inboundSecrets)) assert(!JSON.stringify(answer).includes(secret));
      });
      await fc.assert(property, { numRuns: 100 });
    });

  test(`${kind}: whatever is in a text stays a text`, async (t) => {
    const made = await make(t);
    const notifier = open(made);
    // The receiver looks at each of them.
    const property = fc.asyncProperty(hostileMessage, async (message) => {
      const delivery = await notifier.send(message);
      assert.equal(delivery.kind, 'delivered', delivery.said);
    });
    await fc.assert(property, { numRuns: hostileRuns });
    await notifier.close();
  });
}

function checkDelivery(delivery: Delivery, secrets: Readonly<Record<string, string>>): void {
  assert(delivery.said.length > 0 && delivery.said.length <= 400, delivery.said);
  assert(!/[\u0000-\u001f\u007f-\u009f]/.test(delivery.said), 'one line');
  const all = JSON.stringify(delivery);
  for (const secret of Object.values(secrets))
    for (const spelled of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      assert(!all.includes(spelled), `a secret is said: ${all}`);
  if (delivery.kind === 'retry' && delivery.afterMs !== null) assert(delivery.afterMs >= 0 && delivery.afterMs <= 86_400_000);
}
