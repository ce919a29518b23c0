import { durationText } from '../../spec/unit-text.ts';
import { type Answer, combined } from '../answers.ts';
import { defineCheck } from '../check.ts';
import { askPostgres, unanswered } from '../postgres-client.ts';
import { targetText } from '../postgres-target.ts';
import { archivingQuestion, replicasQuestion } from './durability.ts';
import {
  connectionsQuestion,
  extensionQuestion,
  indexesQuestion,
  ownQuestion,
  passwordQuestion,
  type Question,
  slowQuestion,
  versionQuestion,
} from './questions.ts';
import { PostgresConfig } from './schema.ts';

/** A PostgreSQL database is reachable, and as it should be. */
export const postgres = defineCheck({
  title: { en: 'PostgreSQL', ru: 'PostgreSQL' },
  schema: PostgresConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const asked = questions(config);
    const { target, answer } = await askPostgres(config.connection, context, config.within, async (database, { user }) => {
      const answers: Answer[] = [];
      for (const { expected, ask } of asked)
        answers.push(
          await ask(database).then(
            (answer) => ({ ...answer, expected }),
            (error) => unanswered(error, user, expected),
          ),
        );
      return answers;
    });
    return combined(targetText(target), 'unreachable' in answer ? [answer.unreachable] : answer);
  },
});

function questions(config: PostgresConfig): readonly Question[] {
  const { version, extensions, connections, slowQueries, indexes, archiving, replicas, passwordValid, queries } = config;
  return [
    versionQuestion(version ?? null),
    ...extensions.map(extensionQuestion),
    ...(connections ? [connectionsQuestion(connections)] : []),
    ...(slowQueries ? [slowQuestion(slowQueries, config.slowQueriesCalls)] : []),
    ...(indexes ? [indexesQuestion(indexes)] : []),
    ...(archiving ? [archivingQuestion(archiving)] : []),
    ...(replicas ? [replicasQuestion(replicas)] : []),
    ...(passwordValid === undefined ? [] : [passwordQuestion(passwordValid, durationText(passwordValid))]),
    ...queries.map(ownQuestion),
  ];
}
