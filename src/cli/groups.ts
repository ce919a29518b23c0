import type { Command } from 'commander';

/** The command that a group of commands stands under, whichever of their files comes first. */
function group(program: Command, name: string, description: string): Command {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? program.command(name).description(description);
}

/** The command that all commands about incidents stand under. */
export function incidentsCommand(program: Command): Command {
  return group(program, 'incidents', 'what has gone wrong, who is told of it, and what is done about it');
}

/** The command that all commands about objectives stand under. */
export function sloCommand(program: Command): Command {
  return group(program, 'slo', 'objectives: what is left of their error budgets, and how soon alerts on them fire');
}
