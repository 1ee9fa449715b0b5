import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Lets the homeserver's code be imported in plain Node, as it is: `cloudflare:workers` is a base class that keeps what it
 * is given, SQL files are text, and members of JSON are exports. Import this first, and that code by `import()` afterwards.
 */
const base = 'export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }';

registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'cloudflare:workers'
      ? { url: specifier, shortCircuit: true }
      : next(specifier, context);
  },
  load(url, context, next) {
    if (url === 'cloudflare:workers') return { format: 'module', source: base, shortCircuit: true };
    const isJson = url.endsWith('.json') && context.conditions.includes('import');
    if (!url.endsWith('.sql') && !isJson) return next(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    const source = isJson ? membersOf(text) : `export default ${JSON.stringify(text)}`;
    return { format: 'module', source, shortCircuit: true };
  },
});

function membersOf(json: string): string {
  const entries = Object.entries(JSON.parse(json) as object);
  const values = entries.map(([, value], index) => `const v${index} = ${JSON.stringify(value)};`);
  const names = entries.map(([name], index) => `v${index} as ${JSON.stringify(name)}`);
  return `${values.join('\n')}\nexport { ${names.join(', ')} };`;
}
