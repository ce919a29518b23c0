import { Command, CommanderError } from 'commander';
import { auditCommand } from './commands/audit.ts';
import { demoCommand } from './commands/demo.ts';
import { documentCommands } from './commands/documents.ts';
import { flagCommands } from './commands/flags.ts';
import { generateCommands } from './commands/generate.ts';
import { initCommand } from './commands/init.ts';
import { judgeCommand } from './commands/judge.ts';
import { planCommand } from './commands/plan.ts';
import { releaseCommand } from './commands/release.ts';
import { releasesCommand } from './commands/releases.ts';
import { replayCommand } from './commands/replay.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { signalsCommand } from './commands/signals.ts';
import { sloCommands } from './commands/slo.ts';
import { statusCommand } from './commands/status.ts';
import { tokenCommands } from './commands/tokens.ts';
import { upCommand } from './commands/up.ts';
import { userCommands } from './commands/users.ts';
import { verbCommands } from './commands/verbs.ts';
import { watchCommand } from './commands/watch.ts';
import { exitCodes, watchOutput } from './output.ts';
import { rampartVersion } from './version.ts';

const surroundings = `
Environment:
  RAMPART_DATA   data folder of the controller, when --data is not given
  RAMPART_URL    a controller elsewhere, with RAMPART_TOKEN
  RAMPART_TOKEN  token for it; \`rampart tokens add\` makes one
  RAMPART_LANG   en or ru, when --lang is not given

Exit codes: 0 done, 1 the answer is no, 2 wrong input, 3 cannot reach something`;

/** Every command of Rampart. */
export function commands(): Command {
  const program = new Command('rampart');
  program
    .description('releases versions step by step, and takes traffic back when users are hurt')
    .version(rampartVersion, '-V, --version', 'print the version of Rampart')
    // `release --version 1.4.0` is the command's own option: that of Rampart comes before any command.
    .enablePositionalOptions();
  program.addHelpText('after', surroundings);
  program.exitOverride();
  demoCommand(program);
  initCommand(program);
  documentCommands(program);
  upCommand(program);
  planCommand(program);
  releaseCommand(program);
  releasesCommand(program);
  statusCommand(program);
  signalsCommand(program);
  watchCommand(program);
  verbCommands(program);
  rollbackCommand(program);
  flagCommands(program);
  sloCommands(program);
  generateCommands(program);
  auditCommand(program);
  userCommands(program);
  tokenCommands(program);
  replayCommand(program);
  judgeCommand(program);
  return program;
}

/** The command line. Sets the exit code: 0 done, 1 the answer is no, 2 wrong input, 3 cannot reach something. */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutput();
  try {
    await commands().parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongInput;
  }
}
