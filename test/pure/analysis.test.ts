import { runTests } from './folders.fixture.ts';

await runTests('analysis.test.ts');
