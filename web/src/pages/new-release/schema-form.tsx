import { useId, useState } from 'react';
import { Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { useText } from '../../text.tsx';
import {
  type Fields,
  type FormSchema,
  initialOf,
  isFields,
  variantIndex,
  variantName,
  variantsOf,
  withField,
} from './schema-value.ts';

type Props = {
  readonly name: string;
  readonly schema: FormSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
};

/** A form for whatever a schema describes. What may be left out is added on asking, so that a form is no longer than its document. */
export function SchemaForm(props: Props) {
  const { schema } = props;
  const variants = variantsOf(schema);
  if ('const' in schema) return null;
  if (variants) return <Choice {...props} variants={variants} />;
  if (schema.type === 'object') return schema.properties ? <Members {...props} /> : <Entries {...props} />;
  if (schema.type === 'array') return <Items {...props} />;
  return <Scalar {...props} />;
}

function Choice({ name, schema, value, onChange, variants }: Props & { readonly variants: readonly FormSchema[] }) {
  const [chosen, setChosen] = useState(() => variantIndex(variants, value));
  const variant = variants[chosen] ?? variants[0] ?? {};
  if (variants.length === 1) return <SchemaForm name={name} schema={variant} value={value} onChange={onChange} />;
  return (
    <div className="stack tight">
      <Field label={name} hint={schema.description}>
        {(ids) => (
          <select
            {...ids}
            value={chosen}
            onChange={({ target }) => {
              const next = Number(target.value);
              setChosen(next);
              onChange(initialOf(variants[next] ?? {}));
            }}
          >
            {variants.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the variants of a schema never change.
              <option key={index} value={index}>
                {variantName(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <SchemaForm name={name} schema={variant} value={value} onChange={onChange} />
    </div>
  );
}

function Members({ name, schema, value, onChange }: Props) {
  const { t } = useText();
  const fields: Fields = isFields(value) ? value : {};
  const properties = Object.entries(schema.properties ?? {});
  const absent = properties.filter(([key]) => !(key in fields));
  return (
    <fieldset className="members">
      <legend>{name}</legend>
      {schema.description ? <p className="field-hint">{schema.description}</p> : null}
      {properties.map(([key, property]) => {
        if (!(key in fields) || 'const' in property) return null;
        const isRequired = schema.required?.includes(key) ?? false;
        return (
          <div key={key} className="member">
            <SchemaForm
              name={key}
              schema={property}
              value={fields[key]}
              onChange={(next) => onChange(withField(fields, key, next))}
            />
            {isRequired ? null : <Remove name={key} onRemove={() => onChange(withField(fields, key, undefined))} />}
          </div>
        );
      })}
      {absent.length > 0 ? (
        <Add
          label={t('form.add-to', { name })}
          options={absent.map(([key]) => key)}
          onAdd={(key) => onChange(withField(fields, key, initialOf(schema.properties?.[key] ?? {})))}
        />
      ) : null}
    </fieldset>
  );
}

/** An object whose keys are the user's own. */
function Entries({ name, schema, value, onChange }: Props) {
  const { t } = useText();
  const [key, setKey] = useState('');
  const fields: Fields = isFields(value) ? value : {};
  const item = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  const add = (): void => {
    if (key === '') return;
    onChange(withField(fields, key, initialOf(item)));
    setKey('');
  };
  return (
    <fieldset className="members">
      <legend>{name}</legend>
      {schema.description ? <p className="field-hint">{schema.description}</p> : null}
      {Object.entries(fields).map(([one, member]) => (
        <div key={one} className="member">
          <SchemaForm name={one} schema={item} value={member} onChange={(next) => onChange(withField(fields, one, next))} />
          <Remove name={one} onRemove={() => onChange(withField(fields, one, undefined))} />
        </div>
      ))}
      <div className="form-line">
        <Field label={t('form.key', { name })}>
          {(ids) => <input {...ids} value={key} onChange={({ target }) => setKey(target.value)} />}
        </Field>
        <button type="button" className="button" onClick={add}>
          {t('form.add')}
        </button>
      </div>
    </fieldset>
  );
}

function Items({ name, schema, value, onChange }: Props) {
  const { t } = useText();
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const isFull = items.length >= (schema.maxItems ?? Number.POSITIVE_INFINITY);
  return (
    <fieldset className="members">
      <legend>{name}</legend>
      {schema.description ? <p className="field-hint">{schema.description}</p> : null}
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of a list have no other name than their place.
        <div key={`${index} of ${items.length}`} className="member">
          <SchemaForm
            name={`${name} ${index + 1}`}
            schema={schema.items ?? {}}
            value={item}
            onChange={(next) => onChange(items.with(index, next))}
          />
          {items.length > (schema.minItems ?? 0) ? (
            <Remove name={`${name} ${index + 1}`} onRemove={() => onChange(items.toSpliced(index, 1))} />
          ) : null}
        </div>
      ))}
      {isFull ? null : (
        <p>
          <button type="button" className="button small" onClick={() => onChange([...items, initialOf(schema.items ?? {})])}>
            {t('form.add-to', { name })}
          </button>
        </p>
      )}
    </fieldset>
  );
}

function Scalar({ name, schema, value, onChange }: Props) {
  if (schema.type === 'boolean')
    return (
      <label className="check">
        <input type="checkbox" checked={value === true} onChange={({ target }) => onChange(target.checked)} /> {name}
        {schema.description ? <span className="field-hint">{schema.description}</span> : null}
      </label>
    );
  const { enum: words } = schema;
  if (words)
    return (
      <Field label={name} hint={schema.description}>
        {(ids) => (
          <select
            {...ids}
            value={String(value)}
            onChange={({ target }) => onChange(words.find((one) => String(one) === target.value))}
          >
            {words.map((one) => (
              <option key={String(one)}>{String(one)}</option>
            ))}
          </select>
        )}
      </Field>
    );
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  const [example] = schema.examples ?? [];
  return (
    <Field label={name} hint={schema.description}>
      {(ids) => (
        <input
          {...ids}
          type={isNumber ? 'number' : 'text'}
          {...(isNumber ? { min: schema.minimum, max: schema.maximum, step: schema.type === 'integer' ? 1 : 'any' } : {})}
          {...(schema.maxLength === undefined ? {} : { maxLength: schema.maxLength })}
          placeholder={typeof example === 'string' || typeof example === 'number' ? String(example) : ''}
          spellCheck={false}
          value={typeof value === 'string' || typeof value === 'number' ? value : ''}
          onChange={({ target }) => onChange(isNumber && target.value !== '' ? Number(target.value) : target.value)}
        />
      )}
    </Field>
  );
}

function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  const { t } = useText();
  return (
    <button type="button" className="button plain small" aria-label={t('form.remove', { name })} onClick={onRemove}>
      <Icon name="cross" />
    </button>
  );
}

function Add({ label, options, onAdd }: { label: string; options: readonly string[]; onAdd: (key: string) => void }) {
  const id = useId();
  return (
    <p>
      <label htmlFor={id} className="seen-by-readers">
        {label}
      </label>
      <select id={id} className="add" value="" onChange={({ target }) => onAdd(target.value)}>
        <option value="" disabled>
          {label}
        </option>
        {options.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </p>
  );
}
