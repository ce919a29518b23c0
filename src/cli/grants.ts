import type { Command } from 'commander';
import { type Grant, type Role, roles } from '../access/types.ts';
import { UserError } from '../errors.ts';

/** What `withGrants` adds to a command's options. */
export type GrantOptions = {
  readonly role?: readonly string[];
  readonly service?: readonly string[];
  readonly all?: boolean;
  readonly grant?: readonly string[];
};

const list = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** Adds the options that say what somebody may. */
export function withGrants(command: Command): Command {
  return command
    .option('--role <role>', `${roles.join(', ')}; may be given several times`, list)
    .option('--service <name>', 'a service that the roles are for; may be given several times', list)
    .option('--all', 'the roles are for all services, also those that come later')
    .option('--grant <role=services>', 'another role for other services: viewer=*, operator=checkout,shop', list);
}

/**
 * The grants that the options name; empty when they name none.
 * @throws UserError `E_INPUT`.
 */
export function grantsOf({ role = [], service = [], all = false, grant = [] }: GrantOptions): readonly Grant[] {
  if (role.length === 0 && (service.length > 0 || all)) throw input('--role', `--role is missing: one of ${roles.join(', ')}`);
  if (role.length > 0 && service.length > 0 === all)
    throw input(
      '--service',
      all ? '--all and --service contradict each other' : 'say which services the role is for: --service NAME, or --all',
    );
  const services = all ? '*' : service;
  return [...role.map((one): Grant => ({ role: roleOf(one, '--role'), services })), ...grant.map(grantOf)];
}

/** Grants in words: `operator of checkout, shop; viewer of all services`. */
export function grantsText(grants: readonly Grant[]): string {
  if (grants.length === 0) return 'nothing';
  return grants.map(({ role, services }) => `${role} of ${services === '*' ? 'all services' : services.join(', ')}`).join('; ');
}

function grantOf(text: string): Grant {
  const [role = '', services = ''] = text.split('=', 2);
  if (services === '') throw input('--grant', `--grant: expected ROLE=SERVICES such as operator=checkout,shop, found ${text}`);
  return { role: roleOf(role, '--grant'), services: services === '*' ? '*' : services.split(',') };
}

function roleOf(text: string, where: string): Role {
  const role = roles.find((one) => one === text);
  if (role) return role;
  throw input(where, `${where}: there is no role ${text}; expected one of ${roles.join(', ')}`);
}

function input(where: string, what: string): UserError {
  return new UserError('E_INPUT', what, { where, fix: 'see docs/guides/access.md for what each role may' });
}
