import { type Counts, check } from './checks.ts';

const sources = ['matrix', 'platform', 'homeserver', 'bridges', 'appservice', 'config', 'scripts', 'test'];

/** Everything that is checked without running the product. */
export async function staticChecks(): Promise<Counts[]> {
  return [
    await check('types', 'tsc', ['-p', 'tsconfig.json']),
    await check('types of the pure core', 'tsc', ['-p', 'tsconfig.pure.json']),
    await check('style', 'biome', ['check', '--error-on-warnings', '.']),
    await check('layers', 'depcruise', ['--config', '.dependency-cruiser.cjs', ...sources]),
    await check('nothing unused', 'knip', []),
    await check('file sizes', 'node', ['scripts/check-file-sizes.ts']),
    await check('wrangler files are current', 'node', ['config/generate-wrangler.ts', '--check']),
  ];
}
