import type { Text } from '../spec/text.ts';
import type { CheckResult } from './check.ts';

/** The answer of a check that asks a controller, where there is none. */
export function noController(lookedAt: Text, expected: Text): CheckResult {
  return {
    status: 'unproven',
    lookedAt,
    found: { en: 'no controller was asked', ru: 'контроллер не спрошен: его нет' },
    expected,
    fix: {
      en: 'start the controller (rampart up), apply the service, and check it by its name',
      ru: 'запустите контроллер (rampart up), примените документ сервиса и проверьте его по имени',
    },
    evidence: [],
    figures: {},
  };
}
