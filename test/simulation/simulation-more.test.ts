import { testHistories } from './histories.ts';

testHistories(801, 800);
