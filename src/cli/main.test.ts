import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { firstCommands } from '../../web/src/pages/overview/first-commands.ts';
import { commands } from './main.ts';

/** What a user can call: `audit verify`, not `audit`. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

test('the commands of DESIGN §7 that this version has are all there', async () => {
  const names = (await commands()).commands.map((command) => command.name());
  const wanted =
    'demo init validate schema up plan release releases status watch pause resume approve promote abort retry rollback restart judge replay audit users tokens flag slo alerts signals generate check report checklists confirm exempt sign timeline incidents silences import postmortem oncall notify status-page';
  assert.deepEqual(names.toSorted(), wanted.split(' ').toSorted());
});

test('every command can answer programs, and says what it and each of its options is for', async () => {
  for (const command of leaves(await commands())) {
    assert(
      command.options.some(({ long }) => long === '--json'),
      `${command.name()} has no --json`,
    );
    assert.notEqual(command.description(), '', command.name());
    for (const option of command.options) assert.notEqual(option.description, '', `${command.name()} ${option.flags}`);
  }
});

test('a command that is called by its name is what it is among all of them, and is read without them', async () => {
  const all = (await commands()).commands;
  for (const command of all) {
    const alone = (await commands(command.name(), 'help')).commands;
    assert(alone.length < all.length / 2, `${command.name()} is read with all others`);
    const itself = alone.find((one) => one.name() === command.name());
    assert.deepEqual(
      itself && leaves(itself).map((leaf) => leaf.helpInformation()),
      leaves(command).map((leaf) => leaf.helpInformation()),
    );
  }
});

test('a command of a group that is called by its name is what it is in the whole group', async () => {
  for (const group of (await commands()).commands)
    for (const command of group.commands) {
      const alone = (await commands(group.name(), command.name())).commands.find((one) => one.name() === group.name());
      const itself = alone?.commands.find((one) => one.name() === command.name());
      assert.deepEqual(
        itself && leaves(itself).map((leaf) => leaf.helpInformation()),
        leaves(command).map((leaf) => leaf.helpInformation()),
        `${group.name()} ${command.name()}`,
      );
    }
});

test('a group that is called by its name alone has what it does then; with a word that it does not know, all of it', async () => {
  for (const name of ['incidents', 'slo']) {
    const whole = (await commands()).commands.find((one) => one.name() === name);
    const names = (group: Command | undefined): readonly string[] => group?.commands.map((one) => one.name()) ?? [];
    assert.deepEqual(names((await commands(name, 'shwo')).commands[0]), names(whole));
    assert.deepEqual(names((await commands(name, '--help')).commands[0]), names(whole));
    assert.deepEqual(names((await commands(name, '--data', 'x', '-h')).commands[0]), names(whole));
    for (const words of [[], ['--json']]) {
      const alone = names((await commands(name, ...words)).commands[0]);
      assert(alone.includes('list') && alone.length < names(whole).length, String(alone));
    }
  }
  assert.equal((await commands('--version')).commands.length, 0);
});

test('the commands that an empty console tells people to copy are taken', async () => {
  for (const line of firstCommands) {
    const program = await commands();
    let called = '';
    for (const command of leaves(program)) {
      command.exitOverride().action(() => {
        called = command.name();
      });
    }
    const [, ...words] = line.split(' ');
    await program.parseAsync(words, { from: 'user' });
    assert.equal(called, words[0]);
  }
});
