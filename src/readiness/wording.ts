import type { Text } from '../spec/text.ts';
import type { Missing } from './resolved.ts';

/** A day in UTC, which everybody reads the same: 2026-11-28. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const roles: Readonly<Record<string, Text>> = {
  development: { en: 'Development', ru: 'Разработка' },
  devops: 'DevOps',
  security: { en: 'Security', ru: 'Безопасность' },
  product: { en: 'Product owner', ru: 'Владелец продукта' },
};

/** What people call a role of the built-in checklists; any other has its id for a name. */
export function roleName(role: string): Text {
  return (Object.hasOwn(roles, role) ? roles[role] : undefined) ?? role;
}

/** Why a check cannot be run, and what has to be given. */
export function notGiven({ parameters, problems }: Missing): {
  readonly status: 'unproven';
  readonly why: Text;
  readonly fix: Text;
  readonly expiresMs: null;
} {
  const names = parameters.join(', ');
  if (problems.length > 0) {
    const what = problems.join('; ');
    return {
      status: 'unproven',
      why: { en: `its parameters do not fit: ${what}`, ru: `параметры не подходят: ${what}` },
      fix: { en: `correct readiness.parameters: ${names}`, ru: `исправьте readiness.parameters: ${names}` },
      expiresMs: null,
    };
  }
  return {
    status: 'unproven',
    why: { en: `nothing says ${names}`, ru: `не задано: ${names}` },
    fix: {
      en: `give readiness.parameters: ${names}, or false where the service has no such thing`,
      ru: `задайте readiness.parameters: ${names}, либо false, если у сервиса этого нет`,
    },
    expiresMs: null,
  };
}

/** A number with its word in Russian: 1 пункт, 2 пункта, 5 пунктов. */
export function russianCount(count: number, one: string, few: string, many: string): string {
  const tens = count % 100;
  const last = count % 10;
  const word = tens > 10 && tens < 20 ? many : last === 1 ? one : last > 1 && last < 5 ? few : many;
  return `${count} ${word}`;
}
