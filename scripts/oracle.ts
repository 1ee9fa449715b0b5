import { parseArgs } from 'node:util';
import { tryStates, writeStates } from './oracle/states.ts';
import { installSynapse, Synapse } from './oracle/synapse.ts';
import { tryVerdicts, writeVerdicts } from './oracle/verdicts.ts';

/**
 * `npm run oracle`: writes the vectors of `test/vectors` that say how another implementation, Synapse, judges
 * events and resolves states, and tells where ours differs. Needs Python and PyPI; without them it is skipped.
 * With `-- --random 20000` it compares as many fresh random events, and a tenth as many histories, in every room
 * version and writes nothing; `--seed` is the first.
 */
const { values } = parseArgs({ options: { random: { type: 'string' }, seed: { type: 'string' } } });

const missing = installSynapse();
if (missing) {
  console.log(`skipped: ${missing}`);
} else {
  const synapse = new Synapse();
  const differing = values.random === undefined ? await writeAll() : await tryFresh(Number(values.random));
  console.log(`${differing} differences that are not known`);
  process.exitCode = differing === 0 ? 0 : 1;
  synapse.stop();

  async function writeAll(): Promise<number> {
    return (await writeVerdicts(synapse)) + (await writeStates(synapse));
  }

  async function tryFresh(count: number): Promise<number> {
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`from seed ${seed}`);
    return (
      (await tryVerdicts(synapse, seed, count)) + (await tryStates(synapse, seed, Math.ceil(count / 10)))
    );
  }
}
