/** Manifests of a shop that is as it should be, but for its namespace, which is that of whoever applies them. */
export const good = `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, labels: { app: shop } }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop, tier: web } }
    spec:
      serviceAccountName: shop
      securityContext: { runAsNonRoot: true }
      initContainers:
        - name: migrate
          image: shop:1
          resources: { limits: { cpu: 100m, memory: 64Mi } }
          securityContext: { allowPrivilegeEscalation: false }
      containers:
        - name: app
          image: shop:1
          resources: { requests: { cpu: 250m, memory: 512Mi }, limits: { cpu: "1", memory: 2Gi } }
          readinessProbe: { httpGet: { path: /ready, port: 8080 } }
          livenessProbe: { httpGet: { path: /health, port: 8080 } }
          securityContext: { allowPrivilegeEscalation: false }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: shop }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }
  minReplicas: 2
  maxReplicas: 10
  metrics: [ { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } } ]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: shop }
spec: { minAvailable: 1, selector: { matchLabels: { app: shop } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec:
  podSelector: { matchLabels: { app: shop } }
  policyTypes: [Ingress, Egress]
  ingress: [ { from: [ { podSelector: { matchLabels: { app: gateway } } } ] } ]
  egress: [ { to: [ { podSelector: { matchLabels: { app: postgres } } } ] } ]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: shop }
rules: [ { apiGroups: [""], resources: [configmaps], verbs: [get] } ]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: shop }
subjects: [ { kind: ServiceAccount, name: shop } ]
---
apiVersion: v1
kind: Secret
metadata: { name: database }
stringData: { password: hunter2-of-the-cluster }
`;

/** The same shop, neglected. */
export const bad = `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 1
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      hostNetwork: true
      containers:
        - name: app
          image: shop:1
          resources: { requests: { cpu: 250m } }
          readinessProbe: { httpGet: { path: /ready, port: 8080 } }
          securityContext: { runAsUser: 0 }
        - name: agent
          image: agent:1
          resources: { limits: { cpu: 100m, memory: 64Mi } }
          livenessProbe: { tcpSocket: { port: 9 } }
          securityContext: { privileged: true }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: other }
spec: { minAvailable: 1, selector: { matchLabels: { app: billing } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open }
spec: { podSelector: {}, ingress: [ {} ] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: all }
rules: [ { apiGroups: ["*"], resources: ["*"], verbs: [get, list] } ]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: all }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: all }
subjects: [ { kind: ServiceAccount, name: default, namespace: NAMESPACE } ]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: admin }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [ { kind: Group, name: "system:serviceaccounts:NAMESPACE", apiGroup: rbac.authorization.k8s.io } ]
`;
