import { richTextErrors } from './rich-text-schema.ts';
import { commonErrors, laterErrors, laterMethods, laterParameters } from './slack-prose.ts';
import { ShapeValidators } from './slack-shapes.ts';
import { readSpec } from './spec-files.ts';
import type { ViolationLog } from './violations.ts';

interface MethodSpec {
  parameters: Record<string, string>;
  required: string[];
  errors: string[];
  responseRequired: string[];
}

function withLaterMethods(): Record<string, MethodSpec> {
  const specs = readSpec('slack/web-api.json') as Record<string, MethodSpec>;
  for (const [method, later] of Object.entries(laterMethods)) {
    specs[method] = { ...later, responseRequired: ['ok'] };
  }
  return specs;
}

const specs = withLaterMethods();

const responses = new ShapeValidators('responses');

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' || ['true', 'false', '1', '0'].includes(String(value));
    case 'integer':
      return /^-?\d+$/.test(String(value));
    // Timestamps are called numbers there, and are texts in truth.
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(String(value));
    default:
      return true;
  }
}

function requestErrors(method: string, spec: MethodSpec, args: Record<string, unknown>): string[] {
  const errors: string[] = [];
  const parameters = { ...spec.parameters, ...laterParameters[method] };
  for (const [name, value] of Object.entries(args)) {
    const type = parameters[name];
    if (!type) errors.push(`has no argument "${name}"`);
    else if (!isOfType(type, value)) errors.push(`argument "${name}" is no ${type}: ${String(value)}`);
  }
  // The credentials are taken out before this check, and may come in a header.
  const required = spec.required.filter((name) => !['client_id', 'client_secret', 'code'].includes(name));
  for (const name of required) {
    if (args[name] === undefined || args[name] === '') errors.push(`misses argument "${name}"`);
  }
  return errors;
}

function blocksOf(args: Record<string, unknown>): unknown[] {
  const { blocks } = args;
  try {
    const parsed: unknown = typeof blocks === 'string' ? JSON.parse(blocks) : blocks;
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/**
 * Checks the arguments of a call: names, types, and rich text in full. How they were sent is free: since 2025 the pages
 * of all methods list forms and JSON.
 */
export function checkWebApiRequest(
  violations: ViolationLog,
  method: string,
  args: Record<string, unknown>,
): void {
  const spec = specs[method];
  const errors = spec ? requestErrors(method, spec, args) : ['no such method in the specification'];
  const blockErrors = richTextErrors(blocksOf(args));
  if (blockErrors) errors.push(`blocks: ${blockErrors}`);
  for (const message of errors) violations.add({ where: 'request', operation: method, message, body: args });
}

/** Checks an answer: a success by its fields, a refusal by its code. */
export function checkWebApiResponse(
  violations: ViolationLog,
  method: string,
  body: Record<string, unknown>,
): void {
  const spec = specs[method];
  const add = (message: string) => violations.add({ where: 'response', operation: method, message, body });
  if (body.ok !== true) {
    const known = [...commonErrors, ...(spec?.errors ?? []), ...(laterErrors[method] ?? [])];
    if (!known.includes(String(body.error))) add(`error "${String(body.error)}" is none of the method's`);
    return;
  }
  const missing = (spec?.responseRequired ?? []).filter((field) => !(field in body));
  if (missing.length > 0) add(`misses ${missing.join(', ')}`);
  if (!responses.has(method)) add('no sample of this response');
  const errors = responses.errors(method, body);
  if (errors) add(errors);
}
