import { runTests } from './folders.fixture.ts';

await runTests('documents.test.ts');
