import { checkConformance } from '../conformance.ts';
import { rollbackDrill } from './index.ts';

// With a release, on a real router: src/runtime/readiness/own-view.test.ts.
checkConformance('rollback-drill', rollbackDrill, [
  {
    name: 'without a controller nothing is proven',
    given: () => ({ share: '1%' }),
    status: 'unproven',
    found: /^no controller was asked$/,
    fix: /rampart up/,
  },
]);
