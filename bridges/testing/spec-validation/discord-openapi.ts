import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readSpec } from './spec-files.ts';

type Schema = Record<string, unknown>;

interface Parameter {
  name: string;
  in: string;
}

interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation | Parameter[]>>;
  components: { schemas: Record<string, Schema> };
}

const document = readSpec('discord/openapi.json') as Document;

/** The formats of Discord's own that JSON Schema does not know. */
function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  for (const format of ['int32', 'int64', 'double', 'float']) ajv.addFormat(format, true);
  ajv.addFormat('snowflake', /^\d{1,20}$/);
  ajv.addFormat('nonce', true);
  return ajv;
}

/**
 * Discord's objects are open, so a misspelt field would pass. In requests they are closed, except where one schema
 * extends another.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, closed(inner)]));
  const isPlain = 'properties' in entries && !('allOf' in entries) && !('additionalProperties' in entries);
  return isPlain ? { ...entries, unevaluatedProperties: false } : entries;
}

/** Discord takes ids as numbers too, and its pages number the files of a request so (`"attachments": [{"id": 0}]`). */
function requestComponents(): Schema {
  const { schemas } = document.components;
  return {
    schemas: { ...schemas, SnowflakeType: { type: ['string', 'integer'], pattern: '^(0|[1-9][0-9]*)$' } },
  };
}

const openAjv = newAjv();
openAjv.addSchema({ $id: 'discord', components: document.components });
const closedAjv = newAjv();
closedAjv.addSchema({ $id: 'discord', components: closed(requestComponents()) as Schema });

function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? `discord${inner}` : absolute(inner),
    ]),
  );
}

const compiled = new Map<string, ValidateFunction>();

function validator(key: string, ajv: Ajv2020, schema: Schema): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const validate = ajv.compile(absolute(schema) as Schema);
  compiled.set(key, validate);
  return validate;
}

/** An operation by its id, with the names of its query parameters. */
function findOperation(operationId: string): { operation: Operation; queryNames: Set<string> } | undefined {
  for (const item of Object.values(document.paths)) {
    const { parameters: shared, ...operations } = item;
    for (const operation of Object.values(operations)) {
      if (Array.isArray(operation) || operation.operationId !== operationId) continue;
      const parameters = [...(Array.isArray(shared) ? shared : []), ...(operation.parameters ?? [])];
      const query = parameters.filter((parameter) => parameter.in === 'query');
      return { operation, queryNames: new Set(query.map((parameter) => parameter.name)) };
    }
  }
  return undefined;
}

/**
 * Bodies that the document describes by a union so wide that wrong ones pass: an 81-character webhook name is fine by
 * the second alternative of execute-webhook.
 */
const narrowedRequests: Record<string, string> = { execute_webhook: 'IncomingWebhookRequestPartial' };

export function knowsOperation(operationId: string): boolean {
  return findOperation(operationId) !== undefined;
}

export function queryNamesOf(operationId: string): ReadonlySet<string> {
  return findOperation(operationId)?.queryNames ?? new Set();
}

/** The check of an operation's JSON body, closed. Undefined when it takes none. */
export function requestValidator(operationId: string): ValidateFunction | undefined {
  const schema = findOperation(operationId)?.operation.requestBody?.content['application/json']?.schema;
  if (!schema) return undefined;
  const narrowed = narrowedRequests[operationId];
  const chosen = narrowed ? { $ref: `#/components/schemas/${narrowed}` } : (closed(schema) as Schema);
  return validator(`request ${operationId}`, closedAjv, chosen);
}

/** The check of an answer. `'none'` when the operation has no answer of that status. */
export function responseValidator(
  operationId: string,
  status: number,
): ValidateFunction | 'no body' | 'none' {
  const response = findOperation(operationId)?.operation.responses[String(status)];
  if (!response) return 'none';
  const schema = response.content?.['application/json']?.schema;
  return schema ? validator(`response ${operationId} ${status}`, openAjv, schema) : 'no body';
}

/** The check of one named schema, open. */
export function componentValidator(name: string): ValidateFunction {
  return validator(`component ${name}`, openAjv, { $ref: `#/components/schemas/${name}` });
}
