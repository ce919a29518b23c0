import { runTests } from './folders.fixture.ts';

await runTests('core.test.ts');
