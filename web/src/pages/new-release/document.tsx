import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { documentSchemaQuery } from '../../api/queries.ts';
import { Field } from '../../components/field.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { yamlOf } from '../../components/yaml.ts';
import { useText } from '../../text.tsx';
import { SchemaForm } from './schema-form.tsx';
import { type FormSchema, initialOf } from './schema-value.ts';

/** A path is the same in every language. */
const examplePlace = '/srv/shop';

export type DocumentInput = { readonly document: string; readonly file: string; readonly folder: string };

/** A Service document: pasted, or made with a form from the schema that the controller itself checks with. */
export function DocumentFields({ value, onChange }: { value: DocumentInput; onChange: (value: DocumentInput) => void }) {
  const { t } = useText();
  const [hasForm, setForm] = useState(false);
  return (
    <>
      <div className="row">
        <button type="button" className="button small" aria-pressed={hasForm} onClick={() => setForm(!hasForm)}>
          {t(hasForm ? 'document.form.close' : 'document.form.open')}
        </button>
      </div>
      {hasForm ? <DocumentForm onChange={(document) => onChange({ ...value, document })} /> : null}
      <Field label={t('document.text')} hint={t('document.hint')}>
        {(ids) => (
          <textarea
            {...ids}
            className="mono"
            required
            spellCheck={false}
            maxLength={1_048_576}
            value={value.document}
            onChange={({ target }) => onChange({ ...value, document: target.value })}
          />
        )}
      </Field>
      <Field label={t('document.folder')} hint={t('document.folder.hint')}>
        {(ids) => (
          <input
            {...ids}
            required
            spellCheck={false}
            placeholder={examplePlace}
            value={value.folder}
            onChange={({ target }) => onChange({ ...value, folder: target.value })}
          />
        )}
      </Field>
    </>
  );
}

function DocumentForm({ onChange }: { onChange: (document: string) => void }) {
  const { t } = useText();
  const schema = useQuery(documentSchemaQuery);
  const [value, setValue] = useState<unknown>(undefined);
  if (schema.error) return <ProblemNote error={schema.error} />;
  if (!schema.data) return <p className="muted">{t('loading')}</p>;
  const form: FormSchema = schema.data;
  return (
    <SchemaForm
      name={t('document.title')}
      schema={form}
      value={value ?? initialOf(form)}
      onChange={(next) => {
        setValue(next);
        onChange(yamlOf(next));
      }}
    />
  );
}
