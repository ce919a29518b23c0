import { Document, Scalar, visit } from 'yaml';
import { type GeneratedFile, generatedMark } from '../generator.ts';

export type RecordingRule = {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type AlertingRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type Rule = RecordingRule | AlertingRule;

/** Rules that are evaluated one after the other at the same time. */
export type RuleGroup = {
  readonly name: string;
  /** As PromQL has it. */
  readonly interval: string;
  readonly rules: readonly Rule[];
  /** Lines about it, for whoever reads the file. */
  readonly says: readonly string[];
};

/** A file in YAML with a header that says whose it is, and comments before each entry of its list. */
export function yamlFile(
  name: string,
  says: readonly string[],
  parts: Readonly<Record<string, unknown>>,
  commented: readonly (readonly string[])[] = [],
): GeneratedFile {
  const document = new Document(parts, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      // Prometheus reads YAML 1.1, to which these are ends of lines: they are written as escapes, which only quotes take.
      if (typeof node.value === 'string' && lineEnds.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const lists = document.contents && 'items' in document.contents ? document.contents.items : [];
  for (const pair of lists as readonly { readonly value?: unknown }[]) {
    const { value } = pair;
    if (typeof value !== 'object' || value === null || !('items' in value)) continue;
    (value.items as { commentBefore?: string }[]).forEach((item, index) => {
      const lines = commented[index] ?? [];
      if (lines.length > 0) item.commentBefore = lines.map((line) => ` ${oneLine(line)}`).join('\n');
    });
  }
  const header = [`${generatedMark} prometheus: it is written anew, so change the document and not this file.`, ...says];
  const body = document.toString({ lineWidth: 0 });
  const text = `${header.map((line) => `# ${oneLine(line)}`).join('\n')}\n${body}`;
  return { name, text: text.replace(new RegExp(lineEnds, 'g'), escaped) };
}

/** A file of rules. */
export function ruleFile(name: string, says: readonly string[], groups: readonly RuleGroup[]): GeneratedFile {
  const parts = groups.map(({ name, interval, rules }) => ({ name, interval, rules }));
  return yamlFile(
    name,
    says,
    { groups: parts },
    groups.map(({ says }) => says),
  );
}

const lineEnds = /[\u0080-\u009f\u2028\u2029\ufeff]/;

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g, '·');
}
