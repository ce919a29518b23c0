import { spawn } from 'node:child_process';
import { messageOf, UserError } from '../../errors.ts';
import type { NginxConfig } from './schema.ts';

/** What is kept of a command's output. */
const outputMax = 16_384;

/** How long a command's output is waited for once it has ended. */
const lastWordsMs = 1_000;

/**
 * Tests the configuration with the user's command.
 *
 * @throws UserError `E_ROUTER_CONFIG` with nginx's own words and the place; `E_ROUTER_MODULE` when the Lua module is missing;
 *   `E_ROUTER_COMMAND` when the command cannot be run.
 */
export async function testConfiguration({ test, include, mode }: NginxConfig, signal: AbortSignal): Promise<void> {
  const { code, output } = await run('test', test, signal);
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

/** Has the running nginx load its configuration. It may still refuse: see what it serves. */
export async function reloadNginx({ reload }: NginxConfig, signal: AbortSignal): Promise<void> {
  const { code, output } = await run('reload', reload, signal);
  if (code === 0) return;
  throw new UserError('E_ROUTER_COMMAND', `\`${reload.join(' ')}\` ended with ${code}: ${lastLine(output)}`, {
    where: 'router.nginx.reload',
    fix: 'Name the command that reloads this nginx, as the user that Rampart runs as can run it.',
  });
}

function run(name: string, words: readonly string[], signal: AbortSignal): Promise<{ code: number | string; output: string }> {
  const [program = '', ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let output = '';
    const keep = (part: string): void => {
      output = (output + part).slice(-outputMax);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) =>
      reject(
        signal.aborted
          ? error
          : new UserError('E_ROUTER_COMMAND', `\`${words.join(' ')}\` cannot be run: ${messageOf(error)}`, {
              where: `router.nginx.${name}`,
              fix: 'Name a program that is there, with its whole path.',
              cause: error,
            }),
      ),
    );
    const finished = (code: number | null, ended: NodeJS.Signals | null): void =>
      resolve({ code: code ?? ended ?? 'no code', output });
    child.once('close', finished);
    // Its last words may come after its end, but a program that it leaves running may keep the pipes open for ever.
    child.once('exit', (code, ended) => void setTimeout(finished, lastWordsMs, code, ended).unref());
  });
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 300) || 'it said nothing';
}
