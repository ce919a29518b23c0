import type { Text } from '../text.tsx';

const roles = {
  development: 'release-role.development',
  devops: 'release-role.devops',
  security: 'release-role.security',
  product: 'release-role.product',
  qa: 'release-role.qa',
  'release-manager': 'release-role.release-manager',
} as const;

/** The name of a role; those that a document of one's own has are called as they are there. */
export function roleText(role: string, { t }: Pick<Text, 't'>): string {
  return isKnown(role) ? t(roles[role]) : role;
}

function isKnown(role: string): role is keyof typeof roles {
  return Object.hasOwn(roles, role);
}
