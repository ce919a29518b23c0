import { messageOf, UserError } from '../errors.ts';
import { pemFileText } from '../spec/text-file.ts';

/**
 * Text of a PEM file that a checklist names.
 *
 * @throws UserError `E_CHECK_CONNECTION` when it cannot be read.
 */
export function pemText(file: string): string {
  try {
    return pemFileText(file);
  } catch (error) {
    throw new UserError('E_CHECK_CONNECTION', `a file of certificates cannot be read: ${messageOf(error)}`, {
      where: file,
      fix: 'name a PEM file that the controller can read',
      cause: error,
    });
  }
}
