import { UserError } from '../../errors.ts';
import type { NotifierTools } from '../../notifiers/notifier.ts';
import { secretValue } from '../../spec/secret.ts';
import { readSecretFile } from '../../spec/text-file.ts';

/** What receivers need of this machine. Secrets are read each time they are used, so that a changed one counts. */
export function notifierTools(
  environment: Readonly<Record<string, string | undefined>>,
  publicUrl: string | null,
): NotifierTools {
  return {
    consoleUrl: publicUrl?.replace(/\/+$/, '') ?? null,
    secret: async (reference) => {
      const found = secretValue(reference, environment, readSecretFile);
      if ('value' in found) return found.value;
      throw new UserError('E_NO_SECRET', found.missing, {
        where: 'env' in reference ? reference.env : reference.file,
        fix: 'give it to the controller, and it is used with the next try',
      });
    },
  };
}
