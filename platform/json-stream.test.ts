import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonPart, JsonStreamError, jsonParts } from './json-stream.ts';

async function partsOf(
  text: string | Uint8Array,
  chunkBytes = 7,
  maxPartLength = 10_000,
): Promise<JsonPart[]> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        controller.enqueue(bytes.slice(at, at + chunkBytes));
      controller.close();
    },
  });
  const parts: JsonPart[] = [];
  for await (const part of jsonParts(body, maxPartLength)) parts.push(part);
  return parts;
}

/** The object again, from its parts. */
function whole(parts: JsonPart[]): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const { key, index, text } of parts) {
    if (index === undefined) object[key] = JSON.parse(text);
    else object[key] = [...((object[key] as unknown[] | undefined) ?? []), JSON.parse(text)];
  }
  return object;
}

test('lists come element by element, other members whole', async () => {
  const text =
    '{ "origin": "one", "state": [ {"a": [1, {"b": "]},{"}]}, "x" , 3 ], "empty": [], "last": {"c": [1]} }';
  expect(await partsOf(text)).toEqual([
    { key: 'origin', text: '"one"' },
    { key: 'state', index: 0, text: '{"a": [1, {"b": "]},{"}]}' },
    { key: 'state', index: 1, text: '"x"' },
    { key: 'state', index: 2, text: '3' },
    { key: 'last', text: '{"c": [1]}' },
  ]);
  expect(await partsOf('{}')).toEqual([]);
});

test('any object comes apart the same, however it is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(undefined, 1, '\t'),
      async (object, chunkBytes, space) => {
        const parts = await partsOf(JSON.stringify(object, null, space), chunkBytes);
        const expected = Object.entries(object).filter(
          ([, value]) => !(Array.isArray(value) && value.length === 0),
        );
        expect(
          Object.entries(whole(parts))
            .map(([key, value]) => JSON.stringify([key, value]))
            .toSorted(),
        ).toEqual(expected.map((entry) => JSON.stringify(entry)).toSorted());
      },
    ),
  );
});

test.each([
  ['no object', '[1]'],
  ['no object', '1'],
  ['cut off', '{"a": [1, 2'],
  ['cut off in a string', '{"a": "b'],
  ['a missing element', '{"a": [1,,2]}'],
  ['a missing element at the end', '{"a": [1,]}'],
  ['a missing member', '{"a":1,,"b":2}'],
  ['a missing value', '{"a":}'],
  ['a key that is none', '{1: 2}'],
  ['too many ends', '{"a": 1]}'],
  ['a list that does not end', '{"a": [1}'],
  ['more behind it', '{"a": 1} x'],
])('%s is an error: %s', async (_, text) => {
  await expect(partsOf(text)).rejects.toThrow(JsonStreamError);
});

test('F15: a part that does not end is given up', async () => {
  await expect(partsOf(`{"a": ["${'x'.repeat(500)}"]}`, 50, 100)).rejects.toThrow('too large');
});

test('bytes that are no UTF-8 are an error', async () => {
  await expect(partsOf(new Uint8Array([0x7b, 0x22, 0xff, 0x22]))).rejects.toThrow(JsonStreamError);
});
