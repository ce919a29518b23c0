import { isSecretName } from '../../spec/secret-name.ts';
import type { Text } from '../../spec/text.ts';
import { defineCheck } from '../check.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { isDefault, strongLength, type Weakness, weakness } from '../strength.ts';
import { EnvironmentConfig } from './schema.ts';
import { type Variable, variablesOf } from './variables-of.ts';

type Wanted = EnvironmentConfig['variables'][string];

/** Environment variables are there and strong. No value is ever shown. */
export const environment = defineCheck({
  title: { en: 'Environment variables', ru: 'Переменные окружения' },
  schema: EnvironmentConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 10_000,
  async run({ from, at, present, variables }, context) {
    const given =
      from === undefined
        ? new Map(Object.entries(context.environment).map(([name, value = '']) => [name, { value }] as const))
        : await variablesOf(from, at, context);
    const wanted = new Map<string, Wanted>([
      ...present.map((name) => [name, { strong: false }] as const),
      ...Object.entries(variables),
    ]);
    const names = [...wanted.keys()];
    const findings = [...wanted].map(([name, asked]) => findingOf(name, given.get(name), asked));
    return resultOf(
      from ?? { en: 'environment of the controller', ru: 'окружение контроллера' },
      sentence('$ set as they should be', 'заданы как надо: $', listed(names)),
      findings,
      { variables: names.length, wrong: findings.filter(({ status }) => status !== 'pass').length },
    );
  },
});

function findingOf(name: string, variable: Variable | undefined, asked: Wanted): Finding {
  if (variable === undefined || ('value' in variable && variable.value.trim() === '')) {
    const text =
      variable === undefined
        ? sentence('$ is not set', 'переменная $ не задана', name)
        : sentence('$ is empty', 'переменная $ пуста', name);
    return { status: 'fail', text, fix: sentence('set $', 'задайте $', name) };
  }
  const needsValue = asked.strong || asked.minLength !== undefined || asked.pattern !== undefined;
  if ('elsewhere' in variable) {
    if (!needsValue) return { status: 'pass', text: sentence('$ is set, by reference', '$ задана ссылкой', name) };
    return {
      status: 'unproven',
      text: sentence(
        '$ lies elsewhere ($), where it cannot be read',
        'значение $ хранится в другом месте ($) и здесь не читается',
        name,
        variable.elsewhere,
      ),
      fix: sentence('let $ be read where Rampart runs', 'сделайте $ доступной там, где работает Rampart', name),
    };
  }
  const { value } = variable;
  const isSecret = asked.secret ?? (asked.strong || isSecretName(name));
  const weak = asked.strong
    ? weakness(value, asked.minLength ?? strongLength)
    : isSecret
      ? isDefault(value)
      : onlyPlaceholder(value);
  if (weak) return { status: 'fail', text: weakText(name, weak), fix: fixOf(name, asked.strong) };
  const length = [...value.trim()].length;
  if (asked.minLength !== undefined && length < asked.minLength)
    return {
      status: 'fail',
      text: weakText(name, { kind: 'short', length, least: asked.minLength }),
      fix: fixOf(name, asked.strong),
    };
  if (asked.pattern !== undefined && !new RegExp(asked.pattern, 'u').test(value))
    return {
      status: 'fail',
      text: sentence('$ does not match $', '$ не соответствует $', name, asked.pattern),
      fix: sentence('give $ a value of that form', 'задайте $ значение такого вида', name),
    };
  return { status: 'pass', text: sentence('$ is set', '$ задана', name) };
}

/** Of a value that is no secret, `test` and `admin` may be what is meant; `<your host>` is not. */
function onlyPlaceholder(value: string): Weakness | null {
  const found = isDefault(value);
  return found?.kind === 'placeholder' ? found : null;
}

function weakText(name: string, weak: Weakness): Text {
  switch (weak.kind) {
    case 'default':
      return sentence('$ has a value that everybody knows', 'у $ общеизвестное значение', name);
    case 'placeholder':
      return sentence('$ has a placeholder in place of a value', 'у $ заполнитель вместо значения', name);
    case 'short':
      return sentence('$ has $ characters, fewer than $', 'в $ символов: $, меньше $', name, weak.length, weak.least);
    case 'word':
      return sentence('$ is made of words, so it is not random', '$ составлена из слов, она не случайна', name);
    case 'not-random':
      return sentence('$ is not random: about $ bits', '$ не случайна: около $ бит', name, weak.bits);
  }
}

function fixOf(name: string, isStrong: boolean): Text {
  return isStrong
    ? sentence('make a random one: openssl rand -hex 32', 'создайте случайное значение: openssl rand -hex 32')
    : sentence('give $ a value of its own', 'задайте $ собственное значение', name);
}
