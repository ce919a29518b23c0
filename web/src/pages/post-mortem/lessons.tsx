import { useQuery } from '@tanstack/react-query';
import { isFinal } from '../../api/client.ts';
import { lessonsQuery } from '../../api/queries.ts';
import type { JudgedTier, Lessons as Learned } from '../../api/schema.ts';
import { Copy, CopyBlock } from '../../components/copy.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { textIn } from '../../components/text-in.ts';
import { useText } from '../../text.tsx';

/** Alerts that would have told of it earlier, what they would cost in false alarms, and the change to take along. */
export function Lessons({ id }: { id: string }) {
  const { t } = useText();
  const learned = useQuery(lessonsQuery(id));
  if (isFinal(learned.error)) return null;
  const lessons = learned.data?.lessons ?? [];
  return (
    <section className="card stack" aria-labelledby="lessons">
      <h2 id="lessons">{t('lessons.title')}</h2>
      {learned.error ? <ProblemNote error={learned.error} /> : null}
      {learned.data ? <p className="muted small">{t(lessons.length === 0 ? 'lessons.none' : 'lessons.more')}</p> : null}
      <ol className="stack">
        {lessons.map((lesson, index) => (
          <Lesson key={lesson.id} lesson={lesson} command={`rampart incidents learn ${id} --lesson ${index + 1} --save FILE`} />
        ))}
      </ol>
    </section>
  );
}

function Lesson({ lesson, command }: { lesson: Learned['lessons'][number]; command: string }) {
  const { t, f, language } = useText();
  const { objective, change, now, then, earlierMs, extraFalseAlarms, diff } = lesson;
  const columns = [t('lessons.alert'), t('lessons.detected'), t('lessons.false')];
  const rows: readonly (readonly [string, JudgedTier])[] = [
    [t('lessons.now'), now],
    [t('lessons.then'), then],
  ];
  return (
    <li className="stack tight">
      <h3>{textIn(change, language)}</h3>
      <p>
        {now.detectedMs === null ? null : <>{t('lessons.gain', { time: f.duration(earlierMs) })} · </>}
        {t('lessons.price', { n: extraFalseAlarms, time: f.duration(then.judgedMs) })}
      </p>
      <Scroll label={t('lessons.table', { name: objective })}>
        <table className="cards">
          <TableHead columns={columns} />
          <tbody>
            {rows.map(([name, { detectedMs, falseAlarms }]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td data-label={columns[1]}>
                  {detectedMs === null ? t('lessons.never') : t('clock.after', { time: f.duration(detectedMs) })}
                </td>
                <td data-label={columns[2]}>{f.number(falseAlarms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <CopyBlock text={diff} label={t('proposals.diff')} />
      <p className="muted small">{t('lessons.test')}</p>
      <Copy text={command} label={t('lessons.test')} />
    </li>
  );
}
