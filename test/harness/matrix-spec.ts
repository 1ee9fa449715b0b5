import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describeErrors } from '../../bridges/testing/spec-validation/describe-errors.ts';
import { ViolationLog } from '../../bridges/testing/spec-validation/violations.ts';

interface Operation {
  operationId: string;
  responses: Record<string, object | null>;
}

interface Api {
  operations: Record<string, Operation>;
  definitions: Record<string, object>;
}

const file = path.join(import.meta.dirname, '../specs/matrix/client-server.json');
const api = JSON.parse(readFileSync(file, 'utf8')) as Api;

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: 'matrix', definitions: api.definitions });

const authResponse = 'api_client-server_definitions_auth_response';

/** What every error looks like, also where the description of an operation names no such status. */
const standardError = {
  type: 'object',
  required: ['errcode'],
  properties: { errcode: { type: 'string' }, error: { type: 'string' } },
};

/** Operations by method and number of segments, those with the fewest variables first. */
const templates = Object.entries(api.operations)
  .map(([key, operation]) => {
    const [method = '', template = ''] = key.split(' ');
    const segments = template.split('/');
    return { method, segments, operation, variables: segments.filter(isVariable).length };
  })
  .sort((a, b) => a.variables - b.variables);

function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}

function findOperation(method: string, pathname: string): Operation | undefined {
  const asked = pathname.split('/');
  return templates.find(
    ({ method: candidate, segments }) =>
      candidate === method &&
      segments.length === asked.length &&
      segments.every((segment, i) => isVariable(segment) || segment === asked[i]),
  )?.operation;
}

const compiled = new Map<string, ValidateFunction>();

function validator(key: string, schema: object): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const absolute = JSON.stringify(schema).replaceAll('"#/definitions/', '"matrix#/definitions/');
  const validate = ajv.compile(JSON.parse(absolute) as object);
  compiled.set(key, validate);
  return validate;
}

/** Every operation may ask for user-interactive authentication; few say so. */
function isUserInteractive(text: string): boolean {
  return (
    text.includes('"flows"') && validator('auth', { $ref: `#/definitions/${authResponse}` })(JSON.parse(text))
  );
}

/**
 * Members without a name or picture have `null` for it in `joined_members`: clients want both fields, and other servers
 * answer so, while the description knows strings alone. The fields are left out here, so all else is checked.
 */
function withoutNullProfiles(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) =>
    value === null && (key === 'display_name' || key === 'avatar_url') ? undefined : value,
  );
}

/** One answer of a homeserver, as it came. */
export interface MatrixAnswer {
  method: string;
  /** Without the query. */
  pathname: string;
  status: number;
  contentType: string;
  text: () => string;
}

/**
 * Checks an answer by the OpenAPI description of the client-server API: that the operation has such a status, and
 * that the body is what it should be. That there is no TURN server is said by `{}`, as by all servers. What the description does not know (unstable paths, `/_synapse`) passes.
 */
export function checkMatrixAnswer(violations: ViolationLog, answer: MatrixAnswer): void {
  const operation = findOperation(answer.method, answer.pathname);
  if (!operation) return;
  const add = (message: string, body?: unknown) =>
    violations.add({ where: 'response', operation: operation.operationId, message, body });
  const described = operation.responses[String(answer.status)];
  if (answer.status === 401 && isUserInteractive(answer.text())) return;
  if (described === undefined && answer.status < 400) add(`has no answer ${answer.status}`);
  const schema = described ?? (answer.status >= 400 ? standardError : undefined);
  if (!schema) return;
  if (!/^application\/json\b/.test(answer.contentType)) {
    add(`answers ${answer.status} as ${answer.contentType || 'no type'}, not JSON`);
    return;
  }
  const body: unknown =
    operation.operationId === 'getJoinedMembersByRoom'
      ? withoutNullProfiles(answer.text())
      : JSON.parse(answer.text());
  if (operation.operationId === 'getTurnServer' && JSON.stringify(body) === '{}') return;
  const validate = validator(`${operation.operationId} ${described ? answer.status : 'error'}`, schema);
  if (!validate(body)) add(`${answer.status}: ${describeErrors(validate)}`, body);
}

/**
 * A `fetch` for any client of Matrix that keeps what every answer said. Checking comes later: it takes up to a quarter
 * of a second when it meets an operation first, and clients whose answers are late are not the ones of this world.
 */
export class KeptAnswers {
  readonly #answers: Promise<MatrixAnswer | undefined>[] = [];
  #isKeeping = false;

  /** Without this nothing is kept: the demo, which has the same clients, runs for days. */
  keep(): void {
    this.#isKeeping = true;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const response = await fetch(request);
    if (!this.#isKeeping) return response;
    const contentType = response.headers.get('content-type') ?? '';
    // Media are not copied. A client that breaks off has no answer to check.
    const text = contentType.startsWith('application/json') ? response.clone().text() : '';
    this.#answers.push(
      Promise.resolve(text).then(
        (read) => ({
          method: request.method,
          pathname: new URL(request.url).pathname,
          status: response.status,
          contentType,
          text: () => read,
        }),
        () => undefined,
      ),
    );
    return response;
  };

  /** What was wrong about the answers since the last check. */
  async check(): Promise<ViolationLog> {
    const violations = new ViolationLog();
    for (const kept of this.#answers.splice(0)) {
      const answer = await kept;
      if (answer) checkMatrixAnswer(violations, answer);
    }
    return violations;
  }
}
