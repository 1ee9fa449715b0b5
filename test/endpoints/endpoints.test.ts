import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ViolationLog } from '../../bridges/testing/spec-validation/violations.ts';
import { projectDir } from '../../config/local.ts';
import { ask, type Person } from '../attacks/lib/attacker.ts';
import { fill } from '../attacks/lib/route-cases.ts';
import { checkMatrixAnswer } from '../harness/matrix-spec.ts';
import { cases } from './cases/cases.ts';
import { exceptions, notServed } from './exceptions.ts';
import type { Question } from './lib/case.ts';
import { type Operation, operations, unserved } from './lib/operations.ts';
import { World } from './lib/world.ts';

/**
 * Every operation of the client-server API that is served, once for success and once for each error that the
 * specification names: an operation that is added to the route table fails here until it has its cases.
 */
let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

async function asked({ method, path: template }: Operation, question: Question) {
  const { by = world.olive, params, query, body, raw, headers } = question;
  const search = query ? `?${new URLSearchParams(query)}` : '';
  const token = tokenOf(by);
  const answer = await ask(world.url, method, fill(template.trim(), params) + search, {
    ...(token !== undefined && { token }),
    ...(body !== undefined && { body }),
    ...(raw !== undefined && { raw }),
    ...(headers && { headers }),
  });
  const violations = new ViolationLog();
  checkMatrixAnswer(violations, {
    method,
    pathname: fill(template.trim(), params),
    status: answer.status,
    contentType: answer.headers.get('content-type') ?? '',
    text: () => answer.text,
  });
  return { ...answer, violations };
}

function tokenOf(by: Person | string | null): string | undefined {
  return by === null ? undefined : typeof by === 'string' ? by : by.accessToken;
}

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  test.each(Object.entries(cases[id] ?? {}))('answers %s', async (outcome, prepare) => {
    const { status, body, text, violations } = await asked(operation, await prepare(world));
    const [expected, errcode] = outcome.split(' ');
    expect({ status, errcode: body.errcode, text }).toMatchObject({
      status: Number(expected),
      ...(errcode !== undefined && { errcode }),
    });
    violations.assertNone();
  });
});

const isThere = (id: string, outcome: string) =>
  Object.keys(cases[id] ?? {}).some((key) => key === outcome || key.startsWith(`${outcome} `));

test('every operation that is served has a case for success and for each error that it names', () => {
  const missing = operations.flatMap(({ id, outcomes }) =>
    outcomes
      .filter((outcome) => !isThere(id, outcome) && exceptions[id]?.[outcome] === undefined)
      .map((outcome) => `${id} ${outcome}`),
  );
  expect(missing).toEqual([]);
});

test('what is not in the specification has a case for success and one for an error', () => {
  const missing = operations
    .filter(({ outcomes }) => outcomes.length === 0)
    .filter(({ id }) => {
      const statuses = Object.keys(cases[id] ?? {}).map((outcome) => Number(outcome.split(' ')[0]));
      const hasFailure = statuses.some((status) => status >= 400) || exceptions[id]?.error !== undefined;
      return !statuses.some((status) => status < 400) || !hasFailure;
    })
    .map(({ id }) => id);
  expect(missing).toEqual([]);
});

test('no case is of an operation that is not served', () => {
  const served = new Set(operations.map(({ id }) => id));
  expect(Object.keys(cases).filter((id) => !served.has(id))).toEqual([]);
});

test('exceptions are of outcomes that are named and have no case, and point at files that are there', () => {
  const named = new Map(operations.map(({ id, outcomes }) => [id, outcomes]));
  const wrong = Object.entries(exceptions).flatMap(([id, outcomes]) =>
    Object.entries(outcomes)
      .filter(([outcome, { testedBy }]) => {
        const isNamed = outcome === 'error' ? named.get(id)?.length === 0 : named.get(id)?.includes(outcome);
        const isLost = testedBy !== undefined && !existsSync(path.join(projectDir, testedBy));
        return !isNamed || isLost || isThere(id, outcome);
      })
      .map(([outcome]) => `${id} ${outcome}`),
  );
  expect(wrong).toEqual([]);
});

test('what of the specification is not served is so for a reason', () => {
  expect([...unserved].sort()).toEqual(Object.keys(notServed).sort());
});
