import { testHistories } from './histories.ts';

testHistories(1_001, 1_000);
