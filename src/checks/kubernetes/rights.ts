import { type Finding, sentence } from '../sentences.ts';
import type { Inventory } from './inventory.ts';
import { nameOf, type ObjectOf, type Workload } from './objects.ts';

type Binding = ObjectOf<'RoleBinding'>;
type Role = ObjectOf<'Role'>;

/** Everybody, and every service account, is in these groups. */
const widestGroups = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'];

/** The pods of a workload have a service account of their own, without wildcard rights. */
export async function rightsFindings(workload: Workload, namespace: string, inventory: Inventory): Promise<readonly Finding[]> {
  const name = nameOf(workload);
  const account = workload.spec.template.spec.serviceAccountName ?? 'default';
  const findings: Finding[] = [];
  if (account === 'default')
    findings.push({
      status: 'fail',
      text: sentence('$ runs as the service account default', '$ работает от учётной записи default', name),
      fix: sentence(
        'give $ a service account of its own (serviceAccountName)',
        'задайте для $ отдельную учётную запись (serviceAccountName)',
        name,
      ),
    });
  const bindings = [
    ...(await inventory.all('RoleBinding')).map((binding) => ({ kind: 'RoleBinding', binding })),
    ...(await inventory.all('ClusterRoleBinding')).map((binding) => ({ kind: 'ClusterRoleBinding', binding })),
  ].filter(({ binding }) => isBound(binding, account, namespace));
  if (bindings.length > 0) {
    const roles = await inventory.all('Role');
    const clusterRoles = bindings.some(({ binding }) => binding.roleRef.kind === 'ClusterRole')
      ? await inventory.all('ClusterRole')
      : [];
    for (const { kind, binding } of bindings) {
      const { roleRef, metadata } = binding;
      const role = (roleRef.kind === 'Role' ? roles : clusterRoles).find((one) => one.metadata.name === roleRef.name);
      const what = roleRef.name === 'cluster-admin' ? 'cluster-admin' : role && wildcardIn(role);
      if (!what) continue;
      findings.push({
        status: 'fail',
        text: sentence(
          '$: its account $ may do too much: $ by $ $ ($)',
          '$: учётной записи $ дано слишком много: $ через $ $ ($)',
          name,
          account,
          what,
          kind,
          metadata.name,
          `${roleRef.kind} ${roleRef.name}`,
        ),
        fix: sentence(
          'name the verbs and resources that $ needs, and no more',
          'перечислите глаголы и ресурсы, которые нужны $, и не больше',
          account,
        ),
      });
    }
  }
  if (findings.length > 0) return findings;
  return [
    {
      status: 'pass',
      text: sentence(
        '$: service account $, no wildcard rights ($ bindings)',
        '$: учётная запись $ без избыточных прав (привязок: $)',
        name,
        account,
        bindings.length,
      ),
    },
  ];
}

function isBound({ subjects, metadata }: Binding, account: string, namespace: string): boolean {
  return (subjects ?? []).some(({ kind, name, namespace: of }) => {
    if (kind === 'ServiceAccount') return name === account && (of ?? metadata.namespace ?? namespace) === namespace;
    return kind === 'Group' && (widestGroups.includes(name) || name === `system:serviceaccounts:${namespace}`);
  });
}

/** The first rule that names everything, in words; null: none does. */
function wildcardIn({ rules }: Role): string | null {
  for (const { verbs, resources } of rules ?? []) {
    // Addresses that are no resources, such as /healthz, are none of its business.
    if (!resources) continue;
    if (verbs.includes('*')) return `verbs * (${resources.slice(0, 5).join(', ')})`;
    if (resources.includes('*')) return `resources * (${verbs.slice(0, 5).join(', ')})`;
  }
  return null;
}
