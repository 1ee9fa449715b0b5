import { afterEach, expect, test, vi } from 'vitest';
import { objectStub } from './object-stub.ts';

const namespace = {
  getByName: (name: string) => ({
    name,
    greet(whom: string) {
      return `${this.name} greets ${whom}`;
    },
  }),
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('calls are counted under the class, when asked for, and reach the object', async () => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  expect(objectStub(namespace, 'a', false).greet('b')).toBe('a greets b');
  expect(lines).toEqual([]);
  const stub = objectStub(namespace, 'a', 'Greeter');
  expect((await stub).greet('b')).toBe('a greets b');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'meter.object_request', class: 'Greeter', method: 'greet' },
  ]);
});
