import { Transform } from 'node:stream';
import { UserError } from '../../errors.ts';

/** Longer lines are data, of which nothing is looked at. */
const lineMax = 16_384;

/** Who owns what, and who may do what, with roles that the scratch server does not have; what would connect to other servers; and what newer versions set. */
const leftOut =
  /^(GRANT |REVOKE |ALTER DEFAULT PRIVILEGES |SET SESSION AUTHORIZATION |SET default_tablespace = '.|SET transaction_timeout |(CREATE|ALTER) (SUBSCRIPTION|PUBLICATION) |COMMENT ON (EXTENSION|PUBLICATION|SUBSCRIPTION) |\\(un)?restrict ).*$|^ALTER [A-Z ]+ .* OWNER TO .*;$/;

/** Would leave the scratch database, or the server. */
const refused =
  /^(\\(c|connect|!|i|ir|include|include_relative|o|out|g|w|write|copy|setenv|cd)\b|\\!|(CREATE|DROP|ALTER) (DATABASE|ROLE|USER|TABLESPACE) )/;

/** A plain dump of pg_dump as it can be put into a database of another server and role. Rows of tables are left as they are. */
export function plainDump(path: string): Transform {
  let isCopy = false;
  let isLong = false;
  let rest: Buffer[] = [];
  let restBytes = 0;

  /** @returns Whether the line stays. */
  const isKept = (line: string): boolean => {
    if (isCopy) {
      isCopy = line !== '\\.';
      return true;
    }
    if (refused.test(line))
      throw new UserError('E_CHECK_BACKUP', `the dump would leave its database: ${line.slice(0, 60)}`, {
        where: path,
        fix: 'make it with pg_dump without --create and --clean; of pg_dumpall the parts of one database cannot be restored alone',
      });
    isCopy = /^COPY .* FROM stdin;$/.test(line);
    return !leftOut.test(line);
  };

  return new Transform({
    transform(part: Buffer, _encoding, done) {
      const out: Buffer[] = [];
      try {
        let begin = 0;
        for (let end = part.indexOf(10); end !== -1; begin = end + 1, end = part.indexOf(10, begin)) {
          const piece = part.subarray(begin, end + 1);
          const line = rest.length > 0 ? Buffer.concat([...rest, piece]) : piece;
          rest = [];
          restBytes = 0;
          // Of what went on before its line ended, this is the end.
          if (isLong || line.length > lineMax || isKept(line.toString('latin1').replace(/\r?\n$/, ''))) out.push(line);
          isLong = false;
        }
        const piece = part.subarray(begin);
        if (piece.length > 0) {
          rest.push(piece);
          restBytes += piece.length;
        }
        if (isLong || restBytes > lineMax) {
          out.push(...rest);
          rest = [];
          restBytes = 0;
          isLong = true;
        }
      } catch (error) {
        done(error as Error);
        return;
      }
      done(null, out.length > 0 ? Buffer.concat(out) : null);
    },
    flush(done) {
      done(null, Buffer.concat(rest));
    },
  });
}
