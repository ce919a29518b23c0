import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { serviceQuery } from '../../api/queries.ts';
import type { Instance } from '../../api/schema.ts';
import type { Release } from '../../api/types.ts';
import { InstanceLog } from '../../components/instance-log.tsx';
import { InstanceList } from '../../components/instances.tsx';
import { useText } from '../../text.tsx';

/** What runs of both versions. */
export function Instances({ release }: { release: Release }) {
  const { t } = useText();
  const service = useQuery(serviceQuery(release.service));
  const [shown, setShown] = useState<Instance | null>(null);
  const instances = (service.data?.instances ?? []).filter(
    ({ version }) => version === release.version || version === release.stable,
  );
  return (
    <section className="card" aria-labelledby="instances">
      <h2 id="instances">{t('instances.title')}</h2>
      {instances.length === 0 ? <p className="muted">{t('instances.none')}</p> : null}
      <InstanceList instances={instances} candidate={release.summary ? null : release.version} onLog={setShown} />
      {shown ? <InstanceLog service={release.service} instance={shown} onClose={() => setShown(null)} /> : null}
    </section>
  );
}
