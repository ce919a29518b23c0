import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { openItemsQuery } from '../../api/queries.ts';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** What was decided to be done after incidents and is not done yet, what is due first at the beginning. Nothing where there is none. */
export function OpenItems() {
  const { t } = useText();
  const { data, error } = useQuery(openItemsQuery);
  if (error) return <ProblemNote error={error} />;
  if (!data || data.items.length === 0) return null;
  const columns = [t('items.what'), t('items.owner'), t('items.due'), t('incidents.incident')];
  return (
    <section className="card" aria-labelledby="open-items">
      <h2 id="open-items">{t('items.title')}</h2>
      <Scroll label={t('items.table')}>
        <table className="cards">
          <TableHead columns={columns} />
          <tbody>
            {data.items.map(({ incident, title, id, text, owner, due, isLate }) => (
              <tr key={`${incident}/${id}`}>
                <th scope="row">{text}</th>
                <td data-label={columns[1]}>{owner}</td>
                <td data-label={columns[2]} className="nowrap">
                  {due}
                  {isLate ? <p className="ink-bad small">{t('items.late')}</p> : null}
                </td>
                <td data-label={columns[3]}>
                  <Link to="/incidents/$id/post-mortem" params={{ id: incident }}>
                    {title}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
