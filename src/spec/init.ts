/** What `rampart init` asks. The command is a program and its arguments; it finds its port in the environment as PORT. */
export type InitAnswers = {
  readonly name: string;
  readonly owner?: string;
  readonly command: readonly string[];
  /** Where users connect to: `127.0.0.1:8080`. */
  readonly listen: string;
  readonly healthPath: string;
  readonly replicas: number;
  readonly strategy: 'canary' | 'blueGreen';
};

/** A service document that works as it is, with every section explained and what is optional commented out. */
export function initialDocument(answers: InitAnswers): string {
  return `# A service that Rampart releases. Check it:  rampart validate FILE     Release a version:  rampart release FILE --version 1.0.0
# Every key that is left out has a default. \`rampart schema\` prints them all, for editors too:
#   rampart schema > rampart.schema.json   and then, as the first line of this file:
#   yaml-language-server: $schema=./rampart.schema.json
apiVersion: rampart/v1
kind: Service
metadata:
  # Small letters, digits and dashes; it names the service everywhere.
  name: ${scalar(answers.name)}
  # The team that answers for it.
  ${answers.owner === undefined ? '# owner: my-team' : `owner: ${scalar(answers.owner)}`}
spec:
  # What runs the versions. Each instance is told its port in the environment variable PORT.
  target:
    process:
      # Program and arguments, without a shell. Paths count from this file's folder.
      command: [${answers.command.map(scalar).join(', ')}]
      # How many instances of a version run.
      replicas: ${answers.replicas}
      # An instance gets traffic once this path answers 2xx.
      health: { path: ${scalar(answers.healthPath)} }
      # env: { LOG_LEVEL: info }

  # What splits the traffic between the stable version and the candidate. Users connect here.
  router:
    builtin:
      listen: ${scalar(answers.listen)}

  # Where the guard's metrics come from, if it is to watch any of the service's own.
  # source: { prometheus: { url: "http://127.0.0.1:9090" } }

  # Promises to the users of the service, with their error budgets.
  objectives:
    - { name: availability, target: 99.9%, window: 30d }
    # - { name: latency, target: 99%, below: 500ms, window: 30d }

  # How a version is released. The guard watches from the candidate's first request to the end of the bake.
  release:
${strategies[answers.strategy]}
    # What the candidate must keep to; worseBy compares it with the stable version at the same time, max holds in any case.
    guard:
      errors: { worseBy: 0.5%, max: 5% }
      latency:
        p95: { worseBy: 20%, max: 2s }
        p99: { max: 5s }
      # Fewest candidate requests on a step before it can pass.
      minRequests: 20

    # How long the candidate is watched with all of the traffic before the release has succeeded.
    bake: 10m

    # Requests to the candidate itself before it gets traffic, and to the stable version after a rollback.
    # smoke:
    #   - { path: /, status: 200, contains: Welcome }

    # Somebody has to approve before anything starts.
    # approval: { expires: 24h }

    # Before the new version starts: a backup, and migrations that a rollback undoes.
    # database: { postgres: { database: shop, user: shop, password: { env: DB_PASSWORD } }, backup: { pgDump: true } }

    # A release without enough evidence is held; after this time it goes back, or stays as it is (keep).
    # hold: { max: 24h, then: rollback }

    # How long the router keeps traffic on the candidate when Rampart itself is away; then it goes back to stable.
    # lease: 10s

    # How long single actions may take.
    # deadlines: { ready: 2m, route: 30s, drain: 30s, hook: 30s }

    # How long the previous version keeps running after the bake.
    # retire: { after: 0s }
`;
}

const strategies: Readonly<Record<InitAnswers['strategy'], string>> = {
  canary: `    # A growing share of the requests. Each step lasts at least \`for\`, and until there is enough evidence.
    strategy:
      canary:
        steps:
          # Only these requests at first:
          # - { match: [{ header: X-Canary, equals: "yes" }], for: 5m }
          - { weight: 5%, for: 5m }
          - { weight: 25%, for: 5m }
          # A person decides:
          # - { approve: { expires: 24h } }
          # A program of yours decides:
          # - { hook: { command: [./check.sh], timeout: 1m } }
          - { weight: 50%, for: 5m }
`,
  blueGreen: `    # All of the traffic at once; the old version is kept for a while, ready to take it back.
    strategy:
      blueGreen:
        # Only these requests reach the new version before the switch:
        # test: { match: [{ header: X-Canary, equals: "yes" }], for: 1m }
        # A person decides:
        # approve: { expires: 24h }
        # A program of yours decides:
        # hook: { command: [./check.sh], timeout: 1m }
        keep: 10m
`,
};

/** Text as YAML reads it back, in lists between brackets too: plain where nobody could take it for anything else. */
function scalar(text: string): string {
  const isPlain = /^(\.\/|\/)?[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  if (isPlain) return text;
  // JSON is YAML but for characters that YAML does not let stand as they are.
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
