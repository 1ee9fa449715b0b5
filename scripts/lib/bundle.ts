import { builtinModules } from 'node:module';
import { build, type Plugin, stop } from 'esbuild';
import { projectDir } from '../../config/local.ts';
import type { WorkerDescription } from '../../config/workers.ts';

/** The runtime has Node's modules under `node:` names only; some packages import them bare. */
const nodePrefix: Plugin = {
  name: 'node-prefix',
  setup(build) {
    const bare = new RegExp(`^(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`);
    build.onResolve({ filter: bare }, ({ path }) => ({ path: `node:${path}`, external: true }));
  },
};

/**
 * Bundles a Worker to one module, as wrangler would for a deployment.
 * @param define names that the code asks for by `typeof`, with their values as source text
 */
export async function bundle(
  worker: WorkerDescription,
  define: Record<string, string> = {},
): Promise<string> {
  const result = await build({
    entryPoints: [worker.entry],
    absWorkingDir: projectDir,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    external: ['cloudflare:*', 'node:*'],
    loader: { '.sql': 'text', '.html': 'text' },
    plugins: [nodePrefix],
    define,
    banner: {
      // CommonJS packages call `require` for Node's modules.
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire('/');",
    },
    logLevel: 'error',
  });
  const [output] = result.outputFiles;
  if (!output) throw new Error(`nothing was bundled for ${worker.name}`);
  return output.text;
}

/** Ends esbuild's own process, which otherwise stays for the life of ours. */
export function endBundler(): Promise<void> {
  return stop();
}
