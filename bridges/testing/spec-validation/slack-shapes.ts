import { richTextErrors } from './rich-text-schema.ts';
import {
  isObjectShape,
  kindOfField,
  mergeShapes,
  type ObjectShape,
  type Shape,
  unionsOf,
} from './shape-union.ts';
import { laterMessageFields, unsampledResponses } from './slack-prose.ts';
import { readSpec } from './spec-files.ts';

const samples = {
  responses: {
    ...(readSpec('slack/response-shapes.json') as Record<string, Shape>),
    ...unsampledResponses,
  } as Record<string, Shape>,
  events: readSpec('slack/event-shapes.json') as Record<string, Shape>,
};

function knownObjects(): ReadonlyMap<string, ObjectShape> {
  const unions = new Map(unionsOf([...Object.values(samples.responses), ...Object.values(samples.events)]));
  const message = mergeShapes(unions.get('message'), laterMessageFields) as ObjectShape;
  // Some samples have empty texts here; a message is named by nothing but a whole timestamp.
  unions.set('message', { ...message, ts: 'ts', thread_ts: 'ts' });
  return unions;
}

const unions = knownObjects();

/** A message's fields over all samples: what the message events themselves may carry. */
export function messageFields(): ObjectShape {
  return unions.get('message') ?? {};
}

function scalarError(shape: string, value: unknown): string | undefined {
  switch (shape) {
    case 'any':
      return undefined;
    case 'ts':
      return typeof value === 'string' && /^\d{10}\.\d{6}$/.test(value) ? undefined : 'is no timestamp';
    default:
      return typeof value === shape ? undefined : `is no ${shape}`;
  }
}

/** Objects of a known kind may have whatever field that kind has anywhere. */
function shapeOfField(key: string, shape: Shape): Shape {
  const union = unions.get(kindOfField[key] ?? '');
  if (!union) return shape;
  if (Array.isArray(shape)) return isObjectShape(shape[0]) ? [union] : shape;
  return isObjectShape(shape) ? union : shape;
}

function fieldErrors(shape: ObjectShape, key: string, value: unknown, path: string): string[] {
  if (key === 'blocks' && Array.isArray(value)) {
    const errors = richTextErrors(value);
    return errors ? [`${path}/blocks ${errors}`] : [];
  }
  const field = shape[key] ?? shape['*'];
  if (field === undefined) return [`${path}/${key} never occurs`];
  return shapeErrors(shapeOfField(key, field), value, `${path}/${key}`);
}

/** What of a document never occurs in the samples. Missing fields and nulls are no errors: samples show what may be. */
function shapeErrors(shape: Shape, value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, index) => shapeErrors(shape[0], item, `${path}/${index}`));
  }
  if (isObjectShape(shape)) {
    if (typeof value !== 'object' || Array.isArray(value)) return [`${path} is no object`];
    return Object.entries(value).flatMap(([key, inner]) => fieldErrors(shape, key, inner, path));
  }
  const error = scalarError(shape, value);
  return error ? [`${path} ${error}: ${JSON.stringify(value)}`] : [];
}

/** The samples of responses or of events, as checks. */
export class ShapeValidators {
  readonly #shapes: Record<string, Shape>;
  readonly #amend: (name: string, shape: ObjectShape) => Shape;

  constructor(
    of: keyof typeof samples,
    amend: (name: string, shape: ObjectShape) => Shape = (_, shape) => shape,
  ) {
    this.#shapes = samples[of];
    this.#amend = amend;
  }

  has(name: string): boolean {
    return name in this.#shapes;
  }

  /** @returns what is wrong, or undefined. */
  errors(name: string, document: unknown): string | undefined {
    const shape = this.#shapes[name];
    if (!shape) return undefined;
    const errors = shapeErrors(isObjectShape(shape) ? this.#amend(name, shape) : shape, document, '');
    return errors.length > 0 ? errors.slice(0, 8).join('; ') : undefined;
  }
}
