import { report } from './lib/checks.ts';
import { staticChecks } from './lib/static-checks.ts';

/** `npm run check`: types, style, layers. Seconds; run it before each commit. */
report(await staticChecks());
