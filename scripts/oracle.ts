import { parseArgs } from 'node:util';
import { installSynapse, Synapse } from './oracle/synapse.ts';
import { tryVerdicts, writeVerdicts } from './oracle/verdicts.ts';

/**
 * `npm run oracle`: writes the vectors of `test/vectors` that say how another implementation, Synapse, judges
 * events and resolves states, and tells where ours differs. Needs Python and PyPI; without them it is skipped.
 * With `-- --random 20000` it compares as many fresh random cases and writes nothing; `--seed` is the first.
 */
const { values } = parseArgs({ options: { random: { type: 'string' }, seed: { type: 'string' } } });

const missing = installSynapse();
if (missing) {
  console.log(`skipped: ${missing}`);
} else {
  const synapse = new Synapse();
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const differing =
    values.random === undefined
      ? await writeVerdicts(synapse)
      : await tryVerdicts(synapse, seed, Number(values.random));
  if (values.random !== undefined) console.log(`seeds ${seed} to ${seed + Number(values.random) - 1}`);
  console.log(`${differing} differences that are not known`);
  process.exitCode = differing === 0 ? 0 : 1;
  synapse.stop();
}
