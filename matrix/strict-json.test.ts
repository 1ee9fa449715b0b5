import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

const problemsOf = (text: string | Uint8Array) =>
  parseStrictJson(text)?.problems.map(({ kind, path }) => [kind, ...path].join(' '));

describe('no problems', () => {
  test.each([
    '{"a":{"a":{"a":1}},"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"{}}"}',
    '{"a\\\\":1,"a":2,"a\\"":3}',
    '"a"',
    '12',
    ' [ -9007199254740991 , 9007199254740991 , 0 , -0 , true , false , null ] ',
    '{"a":["b","b"],"c":"a","toString":1,"__proto__":{"x":1},"constructor":2}',
    '"1.5e7 \\u0000 \\ud83d\\ude00 😀"',
    '',
  ])('%s', (text) => {
    if (text === '') expect(parseStrictJson(text)).toBeUndefined();
    else expect(parseStrictJson(text)).toEqual({ value: JSON.parse(text), problems: [] });
  });

  test('a key __proto__ is a key', () => {
    const value = parseStrictJson('{"__proto__":{"admin":true}}')?.value as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('admin' in value).toBe(false);
  });
});

describe('F5: problems', () => {
  test.each<[string, string[]]>([
    ['{"a":1,"a":2}', ['repeatedKey a']],
    ['{"a":1,"a":1,"a":1}', ['repeatedKey a']],
    ['{"x":[{"b":1 , "b"\n  :2}]}', ['repeatedKey x 0']],
    ['{"a":1,"\\u0061":2}', ['repeatedKey a']],
    ['{"a":{"c":1},"b":2,"a":3}', ['repeatedKey a']],
    ['{"":1,"":2}', ['repeatedKey ']],
    ['{"__proto__":1,"__proto__":2}', ['repeatedKey __proto__']],
    ['{"a":"\\ud800"}', ['loneSurrogate a']],
    ['{"a":"\\uDc00\\ud800"}', ['loneSurrogate a']],
    ['{"\\udfff":1}', ['loneSurrogate \udfff']],
    ['{"a":"\ud800"}', ['loneSurrogate a']],
    ['[1,1e999]', ['numberTooLarge 1']],
    ['[-1e999]', ['numberTooLarge 0']],
    ['[1.0]', ['looseNumber 0']],
    ['[1E2]', ['looseNumber 0']],
    ['[-0.0]', ['looseNumber 0']],
    ['9007199254740992', ['looseNumber']],
    ['[1,[-9007199254740992]]', ['looseNumber 1 0']],
    ['9223372036854775808', ['looseNumber']],
    [`${'['.repeat(101)}${']'.repeat(101)}`, ['tooDeep 0 0']],
  ])('%s', (text, problems) => expect(problemsOf(text)).toEqual(problems));

  test('are told by event', () => {
    const text = '{"origin":"x","pdus":[{"a":1},{"a":1,"a":2},{"b":{"c":["\\ud800"]}},{}],"edus":[]}';
    expect(problemsOf(text)).toEqual(['repeatedKey pdus 1', 'loneSurrogate pdus 2']);
  });

  test('as deep as allowed', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(problemsOf(nested(100))).toEqual([]);
    expect(problemsOf(nested(101))).toEqual(['tooDeep a a']);
    expect(problemsOf(nested(200_000))).toEqual(['tooDeep a a']);
  });

  test.each([
    '',
    '{"a":}',
    '{"a":NaN}',
    '[Infinity]',
    '[-Infinity]',
    '[01]',
    '{"a":1,}',
    '"\u0000"',
    '"\\x"',
    'nul',
  ])('not JSON: %j', (text) => expect(parseStrictJson(text)).toBeUndefined());

  test.each([
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a cut character', [0xe2, 0x82]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('not UTF-8: %s', (_, bytes) => {
    expect(parseStrictJson(Uint8Array.from([0x22, ...bytes, 0x22]))).toBeUndefined();
  });

  test('of a million repetitions one is told', () => {
    expect(problemsOf(`{${'"a":1,'.repeat(1_000_000)}"b":2}`)).toEqual(['repeatedKey a']);
    expect(problemsOf(`[${'"\\\\\\""'}${`,"${'\\'.repeat(1_000_000)}"`}]`)).toEqual([]);
  });
});

describe('any JSON', () => {
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', '\\', '\\"', ':', '{}', '😀', '__proto__'),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 5 }),
    ),
  }));

  test('is what JSON.parse says, by text and by bytes, spaced or not', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const expected = { value: JSON.parse(text), problems: [] };
        expect(parseStrictJson(text)).toEqual(expected);
        expect(parseStrictJson(new TextEncoder().encode(text))).toEqual(expected);
      }),
    );
  });

  test('with one key twice is not', () => {
    const key = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(json, key, json, (before, name, after) => {
        const member = (value: unknown) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        const text = `{"pdus":[${JSON.stringify(after)},{${member(before)},${member(after)}}]}`;
        expect(problemsOf(text)).toEqual(['repeatedKey pdus 1']);
      }),
    );
  });
});
