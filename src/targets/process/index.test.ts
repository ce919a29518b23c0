import { type TargetUnderTest, targetConformance } from '../conformance.ts';
import type { ProcessDefinition } from './schema.ts';
import { testPlace } from './test-place.fixture.ts';

const subject: TargetUnderTest<ProcessDefinition> = {
  async place(t) {
    const place = testPlace(t);
    return { open: () => place.open(), good: place.definition('good'), crashing: place.definition('crash') };
  },
};

targetConformance('process', subject);
