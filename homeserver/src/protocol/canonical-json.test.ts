import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../matrix/json.ts';
import vectors from '../../../test/vectors/canonical-json.json' with { type: 'json' };
import { CanonicalJsonError, canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  test.each(vectors.cases)('specification: $canonical', ({ json, canonical }) => {
    expect(canonicalJson(JSON.parse(json))).toBe(canonical);
  });

  test('orders keys by code point, not by UTF-16 code unit', () => {
    expect(canonicalJson({ '\u{1F600}': 1, '\uFF01': 2, a: 3, aa: 4 })).toBe(
      '{"a":3,"aa":4,"\uFF01":2,"\u{1F600}":1}',
    );
  });

  test('escapes only what it must', () => {
    expect(canonicalJson('\u0000\b\t\n\f\r\u001f"\\/\u007f\u2028é')).toBe(
      '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u2028é"',
    );
  });

  test('leaves out undefined members', () => {
    expect(canonicalJson({ b: undefined, a: [{ c: undefined }] })).toBe('{"a":[{}]}');
  });

  test('keeps a member called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1,"a":2}}'))).toBe('{"__proto__":{"a":2,"b":1}}');
  });

  test('has one zero', () => {
    expect(canonicalJson([0, -0, JSON.parse('-0')])).toBe('[0,0,0]');
    expect(canonicalJson([-0, -0.5], 'any')).toBe('[0,-0.5]');
  });

  test('accepts the largest integers', () => {
    expect(canonicalJson([2 ** 53 - 1, -(2 ** 53) + 1])).toBe('[9007199254740991,-9007199254740991]');
  });

  test.each([
    ['a float', 1.5],
    ['too large', 2 ** 53],
    ['too small', -(2 ** 53)],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate as key', { '\udc00': 1 }],
    ['undefined in an array', [undefined] as unknown as JsonValue],
    ['a bigint', 1n as unknown as JsonValue],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError);
    expect(() => canonicalJson({ deep: [value] })).toThrow(CanonicalJsonError);
  });

  test('room versions without enforcement write floats the shortest way', () => {
    expect(canonicalJson([1.5, 2 ** 60], 'any')).toBe('[1.5,1152921504606846976]');
    expect(() => canonicalJson(Number.NaN, 'any')).toThrow(CanonicalJsonError);
  });

  test('refuses nesting that would exhaust the stack', () => {
    const text = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(() => canonicalJson(JSON.parse(text))).toThrow(CanonicalJsonError);
  });

  test('says the same value, in one way, whatever the order of keys', () => {
    const integer = fc.integer();
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        integer,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 4 }),
      ),
    })).value as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalJson(value);
        expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(canonical);
      }),
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, member === undefined ? null : reversed(member)]),
  );
}
