import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';

type Json = Record<string, unknown>;

/** What is kept of an operation: by status, the schema of the JSON answer, or null where the answer is not JSON. */
interface ReducedOperation {
  operationId: string;
  responses: Record<string, unknown>;
  /** By status, the error codes that its description and examples name; may be none. */
  errors: Record<string, string[]>;
}

interface ReducedApi {
  /** By method and path, such as `GET /_matrix/client/v3/sync`. */
  operations: Record<string, ReducedOperation>;
  /** Schemas that others refer to as `#/definitions/<name>`. */
  definitions: Record<string, unknown>;
}

/** Keywords that say nothing about validity. */
const prose = new Set(['description', 'title', 'example', 'examples', 'deprecated', 'summary', 'default']);

const methods = ['get', 'put', 'post', 'delete'];

/** One pass over the documents of an API, which gathers the schemas of other files as it meets them. */
class Reducer {
  readonly definitions: Record<string, unknown> = {};
  readonly #root: string;
  readonly #documents = new Map<string, Json>();

  constructor(root: string) {
    this.#root = root;
  }

  document(file: string): Json {
    const known = this.#documents.get(file);
    if (known) return known;
    const document = load(readFileSync(path.join(this.#root, file), 'utf8')) as Json;
    this.#documents.set(file, document);
    return document;
  }

  /** What a reference of a file points at, with the file that holds it. */
  follow(file: string, reference: string): { file: string; pointer: string; value: unknown } {
    const [target = '', pointer = ''] = reference.split('#');
    const found = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
    const keys = pointer.split('/').filter((key) => key !== '');
    const value = keys.reduce<unknown>((node, key) => (node as Json)[key], this.document(found));
    return { file: found, pointer, value };
  }

  /** A schema without prose, its references pointing into the definitions. */
  schema(file: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((inner) => this.schema(file, inner));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !prose.has(key) && !key.startsWith('x-'));
    return Object.fromEntries(
      kept.map(([key, inner]) => {
        if (key === '$ref') return [key, this.#define(file, String(inner))];
        // Names of properties are no keywords.
        if (key === 'properties' || key === 'patternProperties')
          return [key, this.#named(file, inner as Json)];
        // Alternatives are meant; some of them are not exclusive (any object, or an event).
        return [key === 'oneOf' ? 'anyOf' : key, this.schema(file, inner)];
      }),
    );
  }

  #named(file: string, schemas: Json): Json {
    for (const [name, schema] of Object.entries(schemas)) {
      // What a server supports may be more than is specified.
      const { items } = schema as { items?: Json };
      if (name.endsWith('_supported') && items) delete items.enum;
    }
    return Object.fromEntries(
      Object.entries(schemas).map(([name, inner]) => [name, this.schema(file, inner)]),
    );
  }

  #define(file: string, reference: string): string {
    const target = this.follow(file, reference);
    const name = `${target.file}${target.pointer}`.replace(/\.yaml/, '').replace(/[^\w.-]+/g, '_');
    if (!(name in this.definitions)) {
      this.definitions[name] = {};
      this.definitions[name] = this.schema(target.file, target.value);
    }
    return `#/definitions/${name}`;
  }

  responses(file: string, responses: Json): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(responses).map(([status, response]) => {
        const at = this.#response(file, response as Json);
        const content = ((at.value as Json).content ?? {}) as Record<string, { schema?: unknown }>;
        const schema = content['application/json']?.schema;
        return [status, schema === undefined ? null : this.schema(at.file, schema)];
      }),
    );
  }

  errors(file: string, responses: Json): Record<string, string[]> {
    return Object.fromEntries(
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400)
        .map(([status, response]) => {
          const text = JSON.stringify(this.#response(file, response as Json).value);
          return [status, [...new Set(text.match(/\bM_[A-Z][A-Z_]+/g) ?? [])].sort()];
        }),
    );
  }

  #response(file: string, response: Json): { file: string; value: unknown } {
    const { $ref: reference } = response;
    return reference ? this.follow(file, String(reference)) : { file, value: response };
  }
}

/** @param root the folder `data` of the specification @param folder one API in it */
export function reduceMatrixApi(root: string, folder: string): ReducedApi {
  const reducer = new Reducer(root);
  const operations: Record<string, ReducedOperation> = {};
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.yaml'));
  for (const name of files.sort()) {
    const file = path.posix.join(folder, name);
    const document = reducer.document(file);
    const [server] = (document.servers ?? []) as { variables?: { basePath?: { default: string } } }[];
    const base = server?.variables?.basePath?.default ?? '';
    for (const [template, item] of Object.entries((document.paths ?? {}) as Record<string, Json>)) {
      for (const method of methods.filter((candidate) => candidate in item)) {
        const operation = item[method] as { operationId: string; responses: Json };
        operations[`${method.toUpperCase()} ${base}${template}`] = {
          operationId: operation.operationId,
          responses: reducer.responses(file, operation.responses),
          errors: reducer.errors(file, operation.responses),
        };
      }
    }
  }
  return { operations, definitions: reducer.definitions };
}
