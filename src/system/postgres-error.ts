/**
 * The line in which a program of PostgreSQL says what was wrong: after it come details, and where in which function. Of psql with
 * `VERBOSITY=verbose` it has the SQLSTATE, in whichever language the rest is.
 *
 * @returns Null where no line says so.
 */
export function postgresError(output: string): string | null {
  const lines = output.split('\n');
  // 00, 01 and 02 are notices and warnings.
  return (
    lines.findLast((line) => /^(?:psql:.*: )?\S+ {2}(?!0[012])[0-9A-Z]{5}: /.test(line)) ??
    lines.findLast((line) => /^(?:psql|pg_dump|pg_restore): error: /.test(line)) ??
    null
  );
}
