/** The name of a column, or of one with numbers, which stand at its right. */
type Column = string | { readonly number: string };

/** The names of the columns of a table; what is null is left out. */
export function TableHead({ columns }: { columns: readonly (Column | null)[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          if (column === null) return null;
          if (typeof column === 'string')
            return (
              <th key={column} scope="col">
                {column}
              </th>
            );
          return (
            <th key={column.number} scope="col" className="number">
              {column.number}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
