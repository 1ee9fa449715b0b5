/**
 * The shape of a sample document: what may occur, without values. `"string"`, `"number"`, `"boolean"`, `"ts"` (a Slack
 * timestamp), `"any"`, `[shape]` for lists, `{ "*": shape }` for maps keyed by ids, an object for the rest.
 */
export type Shape = string | [Shape] | { [key: string]: Shape };

/** Block Kit and attachments are checked by their own schemas; their samples list every block there is. */
const opaque = new Set([
  'blocks',
  'attachments',
  'message_blocks',
  'x_files',
  'assistant_app_thread',
  'event_payload',
]);
const idKey = /^(?:[A-Z][0-9A-Z]{6,}_?|\d+)$/;

function merge(a: Shape | undefined, b: Shape): Shape {
  if (a === undefined || a === 'any') return b;
  if (b === 'any') return a;
  if (a === b) return a;
  if ((a === 'ts' && b === 'string') || (a === 'string' && b === 'ts')) return 'string';
  if (Array.isArray(a) && Array.isArray(b)) return [merge(a[0], b[0])];
  if (typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const merged = { ...a };
    for (const [key, shape] of Object.entries(b)) merged[key] = merge(merged[key], shape);
    return merged;
  }
  return 'any';
}

export function shapeOf(sample: unknown): Shape {
  if (typeof sample === 'string') return /^0+\.0+$/.test(sample) ? 'ts' : 'string';
  if (typeof sample === 'number') return 'number';
  if (typeof sample === 'boolean') return 'boolean';
  if (Array.isArray(sample)) return [sample.map(shapeOf).reduce<Shape>((a, b) => merge(a, b), 'any')];
  if (typeof sample !== 'object' || sample === null) return 'any';
  const entries = Object.entries(sample);
  if (entries.length === 0) return 'any';
  if (entries.every(([key]) => idKey.test(key))) {
    return { '*': entries.map(([, value]) => shapeOf(value)).reduce<Shape>((a, b) => merge(a, b), 'any') };
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, opaque.has(key) ? 'any' : shapeOf(value)]));
}
