import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';

/** A value that canonical JSON cannot express. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
}

/**
 * `integers`: the encoding as specified. `any`: room versions 1–5 do not enforce it, so numbers that are
 * no safe integers are written the shortest way.
 */
export type NumberRule = 'integers' | 'any';

/** Deeper nesting than any server's parser accepts; bounds the recursion. */
const maxDepth = 1000;

/**
 * Appendices, "Canonical JSON". Members that are `undefined` are left out.
 * @throws CanonicalJsonError for floats, integers beyond ±(2^53−1), lone surrogates, values that are not JSON
 */
export function canonicalJson(value: JsonValue, numbers: NumberRule = 'integers'): string {
  return encode(value, numbers, 0);
}

function encode(value: JsonValue, numbers: NumberRule, depth: number): string {
  if (typeof value === 'string') return encodeString(value);
  if (typeof value === 'number') return encodeNumber(value, numbers);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (depth >= maxDepth) throw new CanonicalJsonError('nested too deeply');
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, numbers, depth + 1)).join(',')}]`;
  if (isJsonObject(value)) return encodeObject(value, numbers, depth);
  throw new CanonicalJsonError(`${typeof value} is not a JSON value`);
}

function encodeObject(object: JsonObject, numbers: NumberRule, depth: number): string {
  let text = '{';
  for (const key of sortedKeys(object)) {
    const member = object[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${encodeString(key)}:${encode(member, numbers, depth + 1)}`;
  }
  return `${text}}`;
}

function encodeString(text: string): string {
  // `JSON.stringify` escapes as canonical JSON does, but would write a lone surrogate as `\udxxx`.
  if (!text.isWellFormed()) throw new CanonicalJsonError('lone surrogate');
  return JSON.stringify(text);
}

function encodeNumber(value: number, numbers: NumberRule): string {
  if (!Number.isFinite(value)) throw new CanonicalJsonError(`${value} is not a JSON number`);
  if (numbers === 'integers' && !Number.isSafeInteger(value)) {
    throw new CanonicalJsonError(`${value} is not an integer within ±(2^53−1)`);
  }
  // All digits: other servers read and write integers of any size.
  return Number.isInteger(value) ? BigInt(value).toString() : JSON.stringify(value);
}

const surrogate = /[\ud800-\udfff]/;

/** By code point. That differs from JavaScript's order only where a key has a surrogate pair. */
function sortedKeys(object: JsonObject): string[] {
  const keys = Object.keys(object).sort();
  return keys.some((key) => surrogate.test(key)) ? keys.sort(compareCodePoints) : keys;
}

function compareCodePoints(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const difference = codePointRank(one, index) - codePointRank(other, index);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** A surrogate ranks above every other code unit, since its code point does. */
function codePointRank(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
