import { canSomewhere } from '../../access/can.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow } from '../principal.ts';
import { AlertmanagersAnswer } from '../schemas/alertmanager.ts';

/** How alerts go out to Alertmanagers, and come in from other programs. */
export function alertmanagerRoutes(api: Api, { alertIntake, alertOutbox }: ServerOptions): void {
  api.get(
    '/alertmanagers',
    {
      schema: {
        tags: ['alerts'],
        summary: 'How Alertmanagers take the alerts of objectives, and when others last told of theirs',
        response: { 200: AlertmanagersAnswer },
      },
    },
    (request) => {
      // It is of no service; whoever sees the alerts of one has to know whether they reach anybody.
      if (!canSomewhere(request.principal.grants, 'read')) allow(request, 'read', null, 'see alerts');
      return { alertmanagers: [...alertOutbox.status], received: alertIntake.status };
    },
  );
}
