import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compatibilityDate, type WorkerDescription, workers } from './workers.ts';

/**
 * Writes the wrangler file of each Worker. `--check` writes nothing and fails if a file is out of date.
 * D1 and KV are named without identifiers: wrangler creates the resources at the first deployment.
 */
export function wranglerToml(worker: WorkerDescription): string {
  const up = path.relative(path.dirname(worker.wranglerFile), '.') || '.';
  const lines = [
    '# Written by `npm run generate` from config/workers.ts.',
    `name = "${worker.name}"`,
    `main = "${path.posix.join(up, worker.entry)}"`,
    `compatibility_date = "${compatibilityDate}"`,
    'compatibility_flags = ["global_fetch_strictly_public", "enable_request_signal"]',
    'workers_dev = true',
    '',
    '[observability]',
    'enabled = true',
    '',
    '[triggers]',
    `crons = ${JSON.stringify(worker.crons)}`,
    '',
    '[vars]',
    ...Object.entries(worker.vars).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
    '',
    '[secrets]',
    `required = ${JSON.stringify(worker.secrets)}`,
  ];
  for (const [binding, className] of Object.entries(worker.objects)) {
    lines.push('', '[[durable_objects.bindings]]', `name = "${binding}"`, `class_name = "${className}"`);
  }
  for (const className of Object.values(worker.objects)) {
    lines.push('', `[exports.${className}]`, 'type = "durable-object"', 'storage = "sqlite"');
  }
  for (const [binding, database] of Object.entries(worker.databases)) {
    lines.push(
      '',
      '[[d1_databases]]',
      `binding = "${binding}"`,
      `database_name = "${database.name}"`,
      `migrations_dir = "${path.posix.join(up, database.migrations)}"`,
    );
  }
  for (const binding of worker.caches) lines.push('', '[[kv_namespaces]]', `binding = "${binding}"`);
  for (const [binding, bucket] of Object.entries(worker.buckets)) {
    lines.push('', '[[r2_buckets]]', `binding = "${binding}"`, `bucket_name = "${bucket}"`);
  }
  if (worker.images) lines.push('', '[images]', `binding = "${worker.images}"`);
  for (const [binding, service] of Object.entries(worker.services)) {
    lines.push('', '[[services]]', `binding = "${binding}"`, `service = "${service}"`);
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const stale = workers.filter((worker) => {
    const text = wranglerToml(worker);
    if (process.argv.includes('--check')) {
      return text !== readFileSync(worker.wranglerFile, 'utf8');
    }
    writeFileSync(worker.wranglerFile, text);
    return false;
  });
  for (const worker of stale) console.log(`${worker.wranglerFile} is out of date: run \`npm run generate\``);
  process.exitCode = stale.length > 0 ? 1 : 0;
}
