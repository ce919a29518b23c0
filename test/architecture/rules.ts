/**
 * What may import what, and what may not be asked of the machine. In patterns of `mayImport` and `mustNotImport`, `<name>` stands for
 * what the group of that name in `from` has matched.
 */
export type Rule = {
  readonly name: string;
  /** Why, for whoever is stopped by it. */
  readonly reason: string;
  readonly from: RegExp;
  /** Modules that `from` matches and the rule does not concern. Tests never concern any rule. */
  readonly except?: RegExp;
  /** Anything else is a violation. */
  readonly mayImport?: readonly string[];
  /** Allowed in addition as `import type` only. */
  readonly mayImportTypes?: readonly string[];
  readonly mustNotImport?: readonly string[];
  /** Imports that `mustNotImport` matches and that are fine all the same. */
  readonly exceptImports?: readonly string[];
  /** Code (without comments and texts) that must not occur. */
  readonly mustNotContain?: readonly RegExp[];
};

export const cores = [
  'access',
  'release',
  'groups',
  'flags',
  'analysis',
  'slo',
  'alerts',
  'signals',
  'readiness',
  'timeline',
  'incidents',
  'status',
  'notifications',
  'diagnosis',
  'views',
] as const;
export const shelves = ['routers', 'targets', 'sources', 'checks', 'notifiers', 'alert-sources', 'stores'] as const;
/** Everything that may lie directly in `src/`: a folder that no rule knows would escape all of them. */
export const known = [
  'errors.ts',
  'system',
  'spec',
  ...cores,
  'kubernetes',
  'load',
  'prometheus',
  ...shelves,
  'generators',
  'runtime',
  'server',
  'cli',
] as const;

const core = `src/(${cores.join('|')})/`;
const shelf = `src/(${shelves.join('|')})/`;
const plugin = `${shelf}[^/]+/`;
/** The file of a shelf that says what its plugins have to do. */
const contract =
  'src/(routers/router|targets/target|sources/source|checks/check|notifiers/notifier|alert-sources/source|stores/log)\\.ts$';

/** Modules that exist for tests and are not shipped (tsconfig.build.json leaves them out). */
export const testOnly = /\.(test|fixture)\.ts$|\/conformance\.ts$/;

/** What gives another answer tomorrow, on another machine or on the second call. */
const impure: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())/,
  /(?<!new\s+)(?<![.\w$])Date\s*\(/,
  // The time zone and the language of the machine; UTC and a named locale are fine.
  /\.(?:get|set)(?:Date|Day|FullYear|Hours|Minutes|Month|Seconds|TimezoneOffset)\s*\(/,
  /\.toLocale\w*\(\s*\)/,
  /\bMath\.random\b/,
  /(?<![.\w$])(?:performance|process|globalThis|console|crypto)\s*(?:\.|\[)/,
  /(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\s*\(/,
  /(?<![.\w$])import\.meta\b/,
];

export const rules: readonly Rule[] = [
  {
    name: 'errors-are-innermost',
    reason: 'Everything may throw a UserError, so its file may depend on nothing.',
    from: /^src\/errors\.ts$/,
    mayImport: [],
  },
  {
    name: 'system-knows-the-system-only',
    reason: 'Files and programs mean the same to plugins and to the runtime, so this folder knows neither of them.',
    from: /^src\/system\//,
    mayImport: ['src/system/', 'src/errors\\.ts$', 'node:'],
  },
  {
    name: 'spec-is-inner',
    reason: 'What users write is read by everyone, so it depends on nobody. Pass plugin schemas in as arguments.',
    from: /^src\/spec\//,
    except: /^src\/spec\/alert-pattern\.ts$/,
    mayImport: ['src/spec/', 'src/errors\\.ts$', 'zod(/|$)', 'yaml$', 'node:(fs|path)$'],
  },
  {
    name: 'patterns-of-alerts-are-read-in-one-place',
    reason: 'What a document may ask of a label and what is then asked has to be the same expression, in linear time.',
    from: /^src\/spec\/alert-pattern\.ts$/,
    mayImport: ['re2js$'],
  },
  {
    name: 'spec-reads-files-in-one-place',
    reason:
      'A document is text: the editor, the API and the tests have no file. Only text-file.ts opens one, and load.ts names its folder.',
    from: /^src\/spec\//,
    except: /^src\/spec\/(load|text-file)\.ts$/,
    mustNotImport: ['node:'],
  },
  {
    name: 'spec-asks-the-machine-nothing',
    reason: 'The same document must mean the same everywhere and at any time.',
    from: /^src\/spec\//,
    except: /^src\/spec\/(load|text-file)\.ts$/,
    mustNotContain: impure,
  },
  {
    name: 'core-is-pure',
    reason:
      'Decisions must replay. Return an effect as data; runtime/ performs it. A core may know the types of a shelf’s contract.',
    from: new RegExp(`^${core}`),
    except: /^src\/flags\/evaluation\.ts$/,
    mayImport: [core, 'src/spec/', 'src/errors\\.ts$'],
    mayImportTypes: [contract],
  },
  {
    name: 'flags-are-evaluated-in-one-place',
    reason:
      'flagd’s own evaluator decides who has which variant, so that every SDK and tool agrees; the rest of the flags is pure.',
    from: /^src\/flags\/evaluation\.ts$/,
    mayImport: [core, 'src/spec/', 'src/errors\\.ts$', '@openfeature/flagd-core$'],
    mayImportTypes: ['@openfeature/core$'],
  },
  {
    name: 'core-opens-no-documents',
    reason: 'They read files; a core is given the document.',
    from: new RegExp(`^${core}`),
    mustNotImport: ['src/spec/(load|text-file)\\.ts$'],
  },
  {
    name: 'core-asks-the-machine-nothing',
    reason:
      'Time, ids and randomness arrive in events: the same core runs in production, in tests in milliseconds and in a replay.',
    from: new RegExp(`^${core}`),
    mustNotContain: impure,
  },
  {
    name: 'shelves-know-nothing-outer',
    reason: 'A plugin is used by the runtime, which is used by server and cli; a way back would tie each plugin to all of them.',
    from: new RegExp(`^${shelf}`),
    mustNotImport: ['src/(runtime|server|cli)/'],
  },
  {
    name: 'plugins-are-strangers',
    reason: 'What two plugins share belongs to the root files of their shelf: a plugin must come and go with its folder.',
    from: new RegExp(`^src/(?<shelf>${shelves.join('|')})/(?<plugin>[^/]+)/`),
    mustNotImport: [plugin, `${shelf}registry\\.ts$`],
    exceptImports: ['src/<shelf>/<plugin>/'],
  },
  {
    name: 'shelf-roots-know-no-plugin',
    reason: 'Only registry.ts names the plugins: a second list would have to be kept in step.',
    from: new RegExp(`^${shelf}[^/]+$`),
    except: /\/registry\.ts$/,
    mustNotImport: [plugin],
  },
  {
    name: 'registries-list-their-own-plugins',
    reason: 'A plugin stands on one shelf, under the name of its folder.',
    from: /^src\/(?<shelf>[^/]+)\/registry\.ts$/,
    mustNotImport: [plugin],
    exceptImports: ['src/<shelf>/[^/]+/'],
  },
  {
    name: 'kubernetes-is-a-client-alone',
    reason: 'It speaks to the API of a cluster for every plugin that needs one, so it knows none of them, nor what a release is.',
    from: /^src\/kubernetes\//,
    mayImport: ['src/kubernetes/', 'src/errors\\.ts$', 'node:', '@kubernetes/client-node$'],
  },
  {
    name: 'clusters-are-asked-in-one-place',
    reason: 'Whoever has no cluster must not pay 0.4 s for its library; src/kubernetes loads it when it is needed.',
    from: /^src\/(?!kubernetes\/)/,
    mustNotImport: ['@kubernetes/'],
  },
  {
    name: 'kubernetes-is-for-plugins',
    reason:
      'Core, runtime and doors work the same without any cluster: what one needs of it goes through a shelf. Root files that several plugins share for it are named kubernetes-….',
    from: new RegExp(`^src/(?!kubernetes/|(${shelves.join('|')})/([^/]+/|kubernetes-[^/]+$))`),
    mustNotImport: ['src/kubernetes/'],
  },
  {
    name: 'load-is-a-client-alone',
    reason:
      'It sends requests and measures, for whoever asks for it; what a check, a document or a release is, it does not know.',
    from: /^src\/load\//,
    mayImport: ['src/load/', 'src/errors\\.ts$', 'node:'],
  },
  {
    name: 'prometheus-is-a-format-alone',
    reason: 'Sources and checks read the answers of the same API: what they mean is said here once, without asking anybody.',
    from: /^src\/prometheus\//,
    mayImport: ['src/prometheus/', 'src/errors\\.ts$', 'zod(/|$)'],
    mustNotContain: impure,
  },
  {
    name: 'generators-only-write',
    reason:
      'The same documents give the same bytes, on whatever machine and at whatever time; cli/ puts the files where they belong.',
    from: /^src\/generators\//,
    mustNotImport: ['src/(runtime|server|cli)/', 'node:(?!crypto$)'],
    mustNotContain: impure,
  },
  {
    name: 'runtime-is-below-the-doors',
    reason: 'The turn works without a command line and without a server; both are ways in.',
    from: /^src\/runtime\//,
    mustNotImport: ['src/(server|cli)/'],
  },
  {
    name: 'runtime-knows-no-kind',
    reason: 'What differs between plugins is stated as data and reached through a port: the turn never asks for a kind by name.',
    from: /^src\/runtime\//,
    mustNotImport: [plugin],
  },
  {
    name: 'server-is-not-the-cli',
    reason: 'The command line starts the server; a server that needs the command line cannot be embedded or tested alone.',
    from: /^src\/server\//,
    mustNotImport: ['src/cli/'],
  },
  {
    name: 'nothing-imports-tests',
    reason: 'test/, bench/, tests and conformance suites are not in the package; the console is a package of its own.',
    from: /^src\//,
    mustNotImport: ['(test|bench|web|examples)/', 'src/.*(\\.test|/conformance)\\.ts$'],
  },
];
