import type { ReleaseAbout } from '../notifier.ts';

/** What a CDEvent is about. */
export type Subject = { readonly id: string; readonly type: string; readonly content: object };

/** Type of a CloudEvent about a release. */
export function releaseEventType({ news }: ReleaseAbout): string {
  return `dev.rampart.release.${news.replaceAll('-', '_')}.v1`;
}

/** Predicates of a tool's own events have letters only. */
const predicates = {
  planned: 'planned',
  started: 'started',
  step: 'progressed',
  held: 'held',
  resumed: 'resumed',
  'rolling-back': 'rollbackstarted',
  'back-failing': 'rollbackfailing',
  failed: 'failed',
} as const;

/**
 * A release as a CDEvent: which version serves now is an event of the service (deployed, upgraded, rolledback, removed); everything on the
 * way is one of our own, in the form that CDEvents keep for that.
 */
export function releaseCdevent(
  service: string,
  thread: string,
  about: ReleaseAbout,
  environment: string,
): { readonly type: string; readonly subject: Subject } {
  const { version, stable, news, isRestore } = about;
  const serving = (predicate: string, artifact: string | null): ReturnType<typeof releaseCdevent> => ({
    type: `dev.cdevents.service.${predicate}.0.2.0`,
    subject: {
      id: service,
      type: 'service',
      content: { environment: { id: environment }, ...(artifact === null ? {} : { artifactId: purl(service, artifact) }) },
    },
  });
  if (news === 'succeeded') return serving(isRestore ? 'rolledback' : stable === null ? 'deployed' : 'upgraded', version);
  if (news === 'rolled-back') return stable === null ? serving('removed', null) : serving('rolledback', stable);
  const { step, steps } = about;
  return {
    type: `dev.cdeventsx.rampart-release.${predicates[news]}.0.1.0`,
    subject: {
      id: thread,
      type: 'rampart-release',
      content: {
        environment: { id: environment },
        service: { id: service },
        artifactId: purl(service, version),
        ...(stable === null ? {} : { previousArtifactId: purl(service, stable) }),
        ...(step === null ? {} : { step, steps }),
      },
    },
  };
}

/** A version of a service as a package URL: what it is made of is not known here. */
function purl(service: string, version: string): string {
  return `pkg:generic/${encodeURIComponent(service)}@${encodeURIComponent(version)}`;
}
