import { UserError } from '../errors.ts';

/** What whoever names a service that is not there is told. */
export function unknownService(name: string): UserError {
  return new UserError('E_UNKNOWN_SERVICE', `there is no service ${name}`, {
    where: 'service',
    fix: 'see `rampart status` for the services there are',
  });
}

/** What whoever asks for something new is told while the log cannot be written. */
export function logFailing(problem: string): UserError {
  return new UserError('E_LOG_FAILING', `nothing new is begun while the log cannot be written: ${problem}`, {
    where: 'controller',
    fix: 'make room on the disk of the data folder',
  });
}
