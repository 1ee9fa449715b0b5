/**
 * The shape of sample documents: what may occur, without values. `"string"`, `"number"`, `"boolean"`, `"ts"` (a Slack
 * timestamp), `"any"`, `[shape]` for lists, `{ "*": shape }` for maps keyed by ids, an object for the rest.
 */
export type Shape = string | [Shape] | ObjectShape;
export interface ObjectShape {
  [key: string]: Shape;
}

export function isObjectShape(shape: Shape | undefined): shape is ObjectShape {
  return typeof shape === 'object' && !Array.isArray(shape);
}

/** What both allow. Where they differ in kind, anything. */
export function mergeShapes(a: Shape | undefined, b: Shape): Shape {
  if (a === undefined || a === 'any' || a === b) return b;
  if (b === 'any') return a;
  if (Array.isArray(a) && Array.isArray(b)) return [mergeShapes(a[0], b[0])];
  if (isObjectShape(a) && isObjectShape(b)) {
    const merged = { ...a };
    for (const [key, shape] of Object.entries(b)) merged[key] = mergeShapes(merged[key], shape);
    return merged;
  }
  const texts = ['string', 'ts'];
  return texts.includes(String(a)) && texts.includes(String(b)) ? 'string' : 'any';
}

/** Where one kind of object is shown, by the field that holds it. */
export const kindOfField: Readonly<Record<string, string>> = {
  message: 'message',
  messages: 'message',
  previous_message: 'message',
  root: 'message',
  channel: 'channel',
  channels: 'channel',
  user: 'user',
  members: 'user',
  profile: 'profile',
  file: 'file',
  files: 'file',
};

function objectsIn(shape: Shape): ObjectShape | undefined {
  const inner = Array.isArray(shape) ? shape[0] : shape;
  return isObjectShape(inner) ? inner : undefined;
}

function collect(shape: Shape, into: Map<string, ObjectShape>): void {
  if (Array.isArray(shape)) collect(shape[0], into);
  if (!isObjectShape(shape)) return;
  for (const [key, inner] of Object.entries(shape)) {
    const kind = kindOfField[key];
    const found = objectsIn(inner);
    if (kind && found) into.set(kind, mergeShapes(into.get(kind), found) as ObjectShape);
    collect(inner, into);
  }
}

/** One kind of object has the same fields wherever it is shown, though no sample has them all: their union. */
export function unionsOf(documents: Iterable<Shape>): ReadonlyMap<string, ObjectShape> {
  const unions = new Map<string, ObjectShape>();
  for (const document of documents) collect(document, unions);
  return unions;
}
