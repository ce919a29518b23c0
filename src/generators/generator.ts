import type { ServiceSpec } from '../spec/types.ts';

/** A file that is written into the folder that the user names. */
export type GeneratedFile = {
  /** Relative to that folder, with `/` between its parts, such as `shop.rules.yml`. */
  readonly name: string;
  /** Whole. `generatedMark` stands in its first 4,096 characters: only a file that has it is written over. */
  readonly text: string;
};

/** What a user should know of what was generated. An `error` refuses all of it. */
export type GeneratorFinding = {
  readonly level: 'error' | 'warning';
  /** Which part of the documents, such as `shop availability`. */
  readonly where: string;
  readonly text: string;
};

export type Generated = { readonly files: readonly GeneratedFile[]; readonly findings: readonly GeneratorFinding[] };

/** Writes files for another program from documents. Pure: the same documents give the same bytes. */
export type Generator = {
  /** For `--help`: what is written. */
  readonly description: string;
  generate(services: readonly ServiceSpec[]): Generated | Promise<Generated>;
};

/** What tells a generated file from one that somebody has written. */
export const generatedMark = 'Written by rampart generate';
