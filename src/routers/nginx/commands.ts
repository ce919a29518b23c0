import { UserError } from '../../errors.ts';
import { runProgram } from '../../system/run-program.ts';
import type { NginxConfig } from './schema.ts';

/**
 * Tests the configuration with the user's command.
 *
 * @throws UserError `E_ROUTER_CONFIG` with nginx's own words and the place; `E_ROUTER_MODULE` when the Lua module is missing;
 *   `E_ROUTER_COMMAND` when the command cannot be run; `E_ROUTER_TIMEOUT` when it has not ended within `limitMs`.
 */
export async function testConfiguration(config: NginxConfig, signal: AbortSignal, limitMs = config.timeout): Promise<void> {
  const { test, include, mode } = config;
  const { code, output } = await run('test', test, limitMs, signal);
  if (code === 0) return;
  if (mode === 'lua' && /unknown directive "(lua_shared_dict|balancer_by_lua_block|content_by_lua_block)"/.test(output))
    throw new UserError('E_ROUTER_MODULE', 'this nginx has no Lua module', {
      where: 'router.nginx.mode',
      fix: 'Install it (libnginx-mod-http-lua on Debian) and load it, or set `mode: reload`.',
    });
  const found = /\[(?:emerg|crit|alert|error)\] (?:\d+#\d+: )?(.*?)(?: in (\S+:\d+))?$/m.exec(output);
  if (!found)
    throw new UserError('E_ROUTER_COMMAND', `\`${test.join(' ')}\` ended with ${code}: ${lastLine(output)}`, {
      where: 'router.nginx.test',
      fix: 'Name the command that tests the configuration of this nginx, as the user that Rampart runs as can run it.',
    });
  const where = found[2] ?? 'the configuration of nginx';
  const isOurs = where.startsWith(`${include}:`);
  throw new UserError('E_ROUTER_CONFIG', `nginx refuses its configuration: ${found[1]} in ${where}`, {
    where,
    fix: isOurs
      ? 'This is the file that Rampart writes: see what in the rest of the configuration it does not go together with.'
      : 'Repair it. The running nginx goes on with what it has, and nothing was changed.',
  });
}

/**
 * Has the running nginx load its configuration. It may still refuse: see what it serves.
 *
 * @throws UserError `E_ROUTER_COMMAND` when the command fails, `E_ROUTER_TIMEOUT` when it has not ended in its time.
 */
export async function reloadNginx({ reload, timeout }: NginxConfig, signal: AbortSignal): Promise<void> {
  const { code, output } = await run('reload', reload, timeout, signal);
  if (code === 0) return;
  throw new UserError('E_ROUTER_COMMAND', `\`${reload.join(' ')}\` ended with ${code}: ${lastLine(output)}`, {
    where: 'router.nginx.reload',
    fix: 'Name the command that reloads this nginx, as the user that Rampart runs as can run it.',
  });
}

async function run(
  name: 'test' | 'reload',
  words: readonly string[],
  limitMs: number,
  signal: AbortSignal,
): Promise<{ readonly code: number | string; readonly output: string }> {
  const end = await runProgram(words, {}, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
  signal.throwIfAborted();
  const where = `router.nginx.${name}`;
  const command = `\`${words.join(' ')}\``;
  switch (end.kind) {
    case 'ended':
      return { code: end.code ?? end.by ?? 'no code', output: end.output };
    case 'not-run':
      throw new UserError('E_ROUTER_COMMAND', `${command} cannot be run: ${end.why}`, {
        where,
        fix: 'Name a program that is there, with its whole path.',
        cause: end.cause,
      });
    case 'called-off':
      throw new UserError('E_ROUTER_TIMEOUT', `${command} had not ended after ${limitMs / 1_000} s, and was ended`, {
        where,
        fix: 'Run it by hand to see what it waits for. A configuration that needs so long: raise router.nginx.timeout, and release.deadlines.route to five times as much.',
      });
  }
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 300) || 'it said nothing';
}
