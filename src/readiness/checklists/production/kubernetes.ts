import { item, param, phase, proven } from '../words.ts';

const cluster = 'kubernetes != false';
const look = (expect: Readonly<Record<string, unknown>>) => ({
  kubernetes: { namespace: param('namespace'), deployment: param('deployment'), expect },
});

/** Phase 4 of the checklist: Kubernetes and Docker. */
export const kubernetes = phase('kubernetes', 'Kubernetes and Docker', 'Kubernetes и Docker', [
  item('limits', 'Every container has requests and limits', 'У каждого контейнера есть requests и limits', {
    if: cluster,
    check: look({ limits: true }),
  }),
  item('liveness', 'Every container has a liveness probe', 'У каждого контейнера есть livenessProbe', {
    if: cluster,
    check: look({ probes: { liveness: true, readiness: false } }),
  }),
  item('readiness', 'Every container has a readiness probe', 'У каждого контейнера есть readinessProbe', {
    if: cluster,
    check: look({ probes: { readiness: true, liveness: false } }),
  }),
  item('autoscaler', 'An autoscaler keeps 3 to 10 pods', 'Автомасштабирование от 3 до 10 подов (HPA)', {
    if: cluster,
    check: look({ hpa: { min: 3, max: 10 } }),
  }),
  item('disruption-budget', 'At least two pods stay when nodes are drained', 'При обслуживании узлов остаются два пода (PDB)', {
    if: cluster,
    check: look({ pdb: { minAvailable: 2 } }),
  }),
  item('network-ingress', 'Network policies say who may reach the pods', 'Сетевые политики на вход', {
    role: 'security',
    if: cluster,
    check: look({ networkPolicies: { ingress: true, egress: false } }),
  }),
  item('network-egress', 'Network policies say what the pods may reach', 'Сетевые политики на выход', {
    role: 'security',
    if: cluster,
    check: look({ networkPolicies: { egress: true, ingress: false } }),
  }),
  item('service-mesh', 'The pods are in the service mesh', 'Поды включены в service mesh', {
    role: 'security',
    severity: 'warning',
    if: 'serviceMesh',
    confirm: proven('90d'),
  }),
]);
