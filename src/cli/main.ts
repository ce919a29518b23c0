import { Command, CommanderError } from 'commander';
import { exitCodes, watchOutput } from './output.ts';
import { rampartVersion } from './version.ts';

const surroundings = `
Environment:
  RAMPART_DATA   data folder of the controller, when --data is not given
  RAMPART_URL    a controller elsewhere, with RAMPART_TOKEN
  RAMPART_TOKEN  token for it; \`rampart tokens add\` makes one
  RAMPART_LANG   en or ru, when --lang is not given

Exit codes: 0 done, 1 the answer is no, 2 wrong input, 3 cannot reach something`;

/** The commands that each file adds, in the order of the help; of a group some, of which the very first is what the group alone does. */
const files: readonly (readonly [names: string, add: () => Promise<(program: Command) => void>])[] = [
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand],
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['validate schema', async () => (await import('./commands/documents.ts')).documentCommands],
  ['check', async () => (await import('./commands/check.ts')).checkCommand],
  ['report checklists', async () => (await import('./commands/report.ts')).reportCommands],
  ['confirm exempt sign', async () => (await import('./commands/readiness-claims.ts')).readinessClaimCommands],
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['plan', async () => (await import('./commands/plan.ts')).planCommand],
  ['release', async () => (await import('./commands/release.ts')).releaseCommand],
  ['timeline', async () => (await import('./commands/timeline.ts')).timelineCommands],
  ['releases', async () => (await import('./commands/releases.ts')).releasesCommand],
  ['status', async () => (await import('./commands/status.ts')).statusCommand],
  ['status-page', async () => (await import('./commands/status-page.ts')).statusPageCommands],
  ['signals', async () => (await import('./commands/signals.ts')).signalsCommand],
  ['watch', async () => (await import('./commands/watch.ts')).watchCommand],
  ['pause resume approve promote abort retry', async () => (await import('./commands/verbs.ts')).verbCommands],
  ['rollback', async () => (await import('./commands/rollback.ts')).rollbackCommand],
  ['restart', async () => (await import('./commands/restart.ts')).restartCommand],
  ['flag', async () => (await import('./commands/flags.ts')).flagCommands],
  [
    'slo: list show correct uncorrect verify apply remove',
    async () => (await import('./commands/objectives.ts')).objectiveCommands,
  ],
  ['slo: policy', async () => (await import('./commands/slo/policy.ts')).policyCommand],
  ['slo: export', async () => (await import('./commands/slo/export.ts')).exportCommand],
  ['alerts', async () => (await import('./commands/alerts.ts')).alertsCommand],
  [
    'incidents: list show open ack mitigate resolve reopen severity started note narrate',
    async () => (await import('./commands/incidents.ts')).incidentCommands,
  ],
  ['incidents: learn replay', async () => (await import('./commands/incident-learn.ts')).learnCommands],
  ['incidents: apply setup', async () => (await import('./commands/incident-setup.ts')).incidentSetupCommands],
  ['incidents: runbook', async () => (await import('./commands/incident-runbooks.ts')).incidentRunbookCommands],
  ['postmortem', async () => (await import('./commands/postmortem.ts')).postMortemCommands],
  ['oncall', async () => (await import('./commands/oncall.ts')).oncallCommand],
  ['notify', async () => (await import('./commands/notify.ts')).notifyCommands],
  ['generate', async () => (await import('./commands/generate.ts')).generateCommands],
  ['incidents: explain simulate lint', async () => (await import('./commands/incident-routing.ts')).incidentRoutingCommands],
  ['incidents: try-source', async () => (await import('./commands/incident-sources.ts')).incidentSourceCommands],
  ['silences', async () => (await import('./commands/silences.ts')).silenceCommands],
  ['import', async () => (await import('./commands/import.ts')).importCommands],
  ['audit', async () => (await import('./commands/audit.ts')).auditCommand],
  ['users', async () => (await import('./commands/users.ts')).userCommands],
  ['tokens', async () => (await import('./commands/tokens.ts')).tokenCommands],
  ['replay', async () => (await import('./commands/replay.ts')).replayCommand],
  ['judge', async () => (await import('./commands/judge.ts')).judgeCommand],
];

/** What has to be read for a command that is called: nothing but its own file, where that is known from its name. */
function filesFor(called: string | undefined, [next, ...more]: readonly string[]): typeof files {
  if (called === '--version' || called === '-V') return [];
  const own = files.filter(([names]) => {
    const [group, members] = names.split(': ');
    return members === undefined ? names.split(' ').includes(called ?? '') : group === called;
  });
  if (own.length === 0) return files;
  const isBare = next === undefined || next.startsWith('-');
  if (isBare) return [next, ...more].some((word) => word === '-h' || word === '--help') ? own : own.slice(0, 1);
  const named = own.filter(([names]) => names.split(': ')[1]?.split(' ').includes(next));
  return named.length > 0 ? named : own;
}

/**
 * Every command of Rampart; or, given the words of a command line, what the file of the command adds and no more: to read all of them takes
 * most of the time that a command takes.
 */
export async function commands(called?: string, ...words: readonly string[]): Promise<Command> {
  const program = new Command('rampart');
  program
    .description('releases versions step by step, and takes traffic back when users are hurt')
    .version(rampartVersion, '-V, --version', 'print the version of Rampart')
    // `release --version 1.4.0` is the command's own option: that of Rampart comes before any command.
    .enablePositionalOptions();
  program.addHelpText('after', surroundings);
  program.exitOverride();
  for (const [, add] of filesFor(called, words)) (await add())(program);
  return program;
}

/** The command line. Sets the exit code: 0 done, 1 the answer is no, 2 wrong input, 3 cannot reach something. */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutput();
  try {
    await (await commands(...argv.slice(2))).parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongInput;
  }
}
