import { mergeShapes, type Shape } from '../../bridges/testing/spec-validation/shape-union.ts';

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

/** What a sample document shows to occur, without its values. */
export function shapeOf(sample: unknown): Shape {
  if (typeof sample === 'string') return /^0+\.0+$/.test(sample) ? 'ts' : 'string';
  if (typeof sample === 'number') return 'number';
  if (typeof sample === 'boolean') return 'boolean';
  if (Array.isArray(sample)) return [sample.map(shapeOf).reduce<Shape>((a, b) => mergeShapes(a, b), 'any')];
  if (typeof sample !== 'object' || sample === null) return 'any';
  const entries = Object.entries(sample);
  if (entries.length === 0) return 'any';
  if (entries.every(([key]) => idKey.test(key))) {
    return {
      '*': entries.map(([, value]) => shapeOf(value)).reduce<Shape>((a, b) => mergeShapes(a, b), 'any'),
    };
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, opaque.has(key) ? 'any' : shapeOf(value)]));
}
