import { hash } from 'node:crypto';
import type { EvaluationContext } from '@openfeature/core';
import type { FastifyError } from 'fastify';
import { UserError } from '../../errors.ts';
import type { Evaluation } from '../../flags/evaluation.ts';
import type { Api } from '../api.ts';
import { hasTag } from '../etag.ts';
import { describeProblems } from '../openapi.ts';
import { allow } from '../principal.ts';
import {
  EvaluateBody,
  EvaluateParams,
  evaluateAllAnswers,
  evaluateAnswers,
  IfNoneMatch,
  type OfrepErrorCode,
} from '../schemas/ofrep.ts';
import type { Flags } from './flags.ts';

const tags = ['flags'];
/** A context is a few attributes; nobody's evaluation should take longer than others'. */
const contextMaxBytes = 65_536;

/**
 * The OpenFeature Remote Evaluation Protocol: what every OpenFeature SDK with its OFREP provider asks. Errors of a request are told in the
 * protocol's own form; those about who asks, and how often, as problems like everywhere.
 *
 * @see https://github.com/open-feature/protocol, service/openapi.yaml.
 */
export function ofrepRoutes(scope: Api, flags: Flags): void {
  describeProblems(scope);
  scope.addHook('onSend', async (_request, reply) => {
    // What it is for one user is nobody else's, and may be switched at any moment.
    void reply.header('cache-control', 'private, no-cache');
  });
  scope.setErrorHandler<FastifyError>((error, request, reply) => {
    const errorCode = codeOf(error);
    // Who asks, how often, and our own mistakes: as everywhere.
    if (errorCode === null) throw error;
    const { key } = request.params as { key?: string };
    const failure = { ...(key === undefined ? {} : { key }), errorCode, errorDetails: error.message };
    return reply.status(400).type('application/json').send(failure);
  });

  scope.post(
    '/evaluate/flags/:key',
    {
      bodyLimit: contextMaxBytes,
      schema: {
        tags,
        summary: 'What a flag is for somebody (OFREP)',
        params: EvaluateParams,
        body: EvaluateBody,
        response: evaluateAnswers,
      },
    },
    async (request, reply) => {
      allow(request, 'read', null, 'evaluate flags');
      const { key } = request.params;
      const evaluation = flags.evaluate(key, contextIn(request.body));
      if (evaluation.kind === 'value') return evaluated(key, evaluation);
      const { code, details: errorDetails } = evaluation;
      if (code === 'FLAG_NOT_FOUND') return reply.status(404).send({ key, errorCode: code, errorDetails });
      return reply.status(400).send({ key, errorCode: code, errorDetails });
    },
  );

  scope.post(
    '/evaluate/flags',
    {
      bodyLimit: contextMaxBytes,
      schema: {
        tags,
        summary: 'What every flag is for somebody (OFREP)',
        headers: IfNoneMatch,
        body: EvaluateBody,
        response: evaluateAllAnswers,
      },
    },
    async (request, reply) => {
      allow(request, 'read', null, 'evaluate flags');
      const all = flags.evaluateAll(contextIn(request.body));
      const answers = [...all].map(([key, evaluation]) => {
        if (evaluation.kind === 'value') return evaluated(key, evaluation);
        const { code, details: errorDetails } = evaluation;
        // All of these are there.
        return { key, errorCode: code === 'FLAG_NOT_FOUND' ? ('GENERAL' as const) : code, errorDetails };
      });
      const tag = `"${hash('sha1', JSON.stringify(answers), 'base64url')}"`;
      void reply.header('etag', tag);
      if (hasTag(request.headers['if-none-match'], tag)) return reply.status(304).send(null);
      flags.gaveOut(all);
      return { flags: answers };
    },
  );
}

function evaluated(key: string, { value, variant, reason, metadata }: Extract<Evaluation, { kind: 'value' }>) {
  return { key, value, variant, reason, metadata };
}

function contextIn(body: { readonly context?: unknown } | null | undefined): EvaluationContext {
  return (body?.context ?? {}) as EvaluationContext;
}

/** The code of the protocol for what is wrong with a request; null when it is something else that is wrong. */
function codeOf(error: FastifyError): OfrepErrorCode | null {
  if (error instanceof UserError) return (error as UserError).code === 'E_INPUT' ? 'INVALID_CONTEXT' : null;
  if (error.statusCode === 413) return 'INVALID_CONTEXT';
  return error.statusCode === 400 || error.statusCode === 415 ? 'PARSE_ERROR' : null;
}
