import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Language, languages } from '../analysis/sentence.ts';
import { LanguageQuery } from './schemas/requests.ts';
import { parsed } from './validation.ts';

/** A browser sends a handful; what comes after these is not read. */
const rangesMax = 32;

/** One part of an `Accept-Language`: `ru`, `ru-RU;q=0.8`, `*;q=0.1`. */
const rangePattern = /^(?<name>\*|[a-z0-9-]{1,50})(?:\s*;\s*q=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * The language that a request wants its sentences in: `?lang`, else the best of its `Accept-Language`. The answer says which, and that
 * it depends on the header, so that a cache in between keeps them apart.
 *
 * @throws UserError `E_INPUT` when there is no such `lang`.
 */
export function languageOf(request: FastifyRequest, reply: FastifyReply): Language {
  const { lang } = parsed(LanguageQuery, request.query);
  const language = lang ?? negotiated(request.headers['accept-language']);
  void reply.headers({ 'content-language': language, vary: 'accept-language' });
  return language;
}

/**
 * The language that an `Accept-Language` prefers among those there are: the one with the highest weight, of equal ones the first.
 * `ru-RU` finds `ru`. Without a match, and for what is no list of languages, it is the first of ours: nobody is refused an answer.
 *
 * @see RFC 9110, 12.5.4 (weights); RFC 4647, 3.4 (lookup: a range is shortened until it is a language that there is).
 */
export function negotiated(header: string | undefined): Language {
  const ranges = (header ?? '').split(',', rangesMax).flatMap((part) => {
    const { name, weight } = rangePattern.exec(part.trim())?.groups ?? {};
    return name === undefined ? [] : [{ name: name.toLowerCase(), weight: Number(weight ?? 1) }];
  });
  const isMeant = (name: string, language: Language): boolean => name === language || name.startsWith(`${language}-`);
  for (const { name, weight } of ranges.toSorted((a, b) => b.weight - a.weight)) {
    if (weight === 0) break;
    // A star is any language that the others do not mention.
    const isFit = (language: Language): boolean =>
      name === '*' ? !ranges.some((other) => isMeant(other.name, language)) : isMeant(name, language);
    const found = languages.find(isFit);
    if (found) return found;
  }
  return languages[0];
}
