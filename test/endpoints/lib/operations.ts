import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../../../config/local.ts';
import { routes } from '../../../homeserver/src/api/routes.ts';

/** An operation of the client-server API that is served, with the answers that its description names. */
export interface Operation {
  /** As the specification calls it; where it has none, as the file of the endpoint. */
  id: string;
  method: string;
  /** In OpenAPI form. */
  path: string;
  /** Keys of the cases that there must be: `200`, `404`, `404 M_NOT_FOUND`. */
  outcomes: string[];
}

interface Described {
  operationId: string;
  responses: Record<string, unknown>;
  errors: Record<string, string[]>;
}

const file = path.join(projectDir, 'test/specs/matrix/client-server.json');
const described = Object.entries(
  (JSON.parse(readFileSync(file, 'utf8')) as { operations: Record<string, Described> }).operations,
);

/** Names of parameters and a slash at the end make no difference; a space there tells likes apart. */
function normalized(method: string, template: string): string {
  return `${method} ${template.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '')}`;
}

const served = new Set(routes.flatMap(({ method, paths }) => paths.map((each) => normalized(method, each))));
const specified = new Set(described.map(([key]) => normalized(...(key.split(' ') as [string, string]))));

/** What the table of clients has; federation, OAuth, our own pages and administration have suites of their own. */
const forClients = /^\/(_matrix\/(client|media|static)|\.well-known\/matrix\/(?!server))/;

/** @note A 429 is tested for all endpoints at once, in `rate-limited-routes.test.ts`. */
function outcomesOf({ responses, errors }: Described): string[] {
  const success = Object.keys(responses).find((status) => Number(status) < 400) ?? '200';
  const failures = Object.entries(errors).filter(([status]) => status !== '429');
  return [
    success,
    ...failures.flatMap(([status, codes]) =>
      codes.length === 0 ? [status] : codes.map((code) => `${status} ${code}`),
    ),
  ];
}

const ofTheSpecification = described
  .filter(([key]) => served.has(normalized(...(key.split(' ') as [string, string]))))
  .map(([key, operation]): Operation => {
    const [method = '', template = ''] = key.split(' ');
    return { id: operation.operationId, method, path: template, outcomes: outcomesOf(operation) };
  });

const ofProposals = routes
  .filter(({ paths: [first] }) => forClients.test(first))
  .filter(({ method, paths }) => !paths.some((each) => specified.has(normalized(method, each))))
  .map(
    ({ operationId, method, paths: [first] }): Operation => ({
      id: operationId,
      method,
      path: first,
      outcomes: [],
    }),
  );

export const operations: readonly Operation[] = [...ofTheSpecification, ...ofProposals];

/** What the specification has and this server has not. */
export const unserved: readonly string[] = described
  .filter(([key]) => !served.has(normalized(...(key.split(' ') as [string, string]))))
  .map(([, { operationId }]) => operationId);
