import type { JsonObject, JsonValue } from './json.ts';
import { limits } from './limits.ts';

/** What servers would read differently, or not at all, though `JSON.parse` accepts it. */
export type JsonProblemKind =
  | 'repeatedKey'
  | 'loneSurrogate'
  /** Such as 1e999, which would be read as infinite. */
  | 'numberTooLarge'
  /** A float, also one like 1.0, or an integer beyond ±(2^53−1): room versions 1–5 allow them. */
  | 'looseNumber'
  | 'tooDeep';

export interface JsonProblem {
  kind: JsonProblemKind;
  /** Key or index on the two highest levels (`pdus`, 3), so that one event can be refused and not the rest. */
  path: readonly (string | number)[];
}

export interface StrictJson {
  /** As `JSON.parse` gives it. A key `__proto__` is a key like others. */
  value: JsonValue;
  problems: JsonProblem[];
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Reads JSON from another server, in linear time.
 * @param input bytes, which have to be UTF-8, or text
 * @param maxDepth how deeply objects and lists may be nested
 * @returns undefined if it is not JSON
 */
export function parseStrictJson(
  input: Uint8Array | string,
  maxDepth: number = limits.maxJsonDepth,
): StrictJson | undefined {
  let text: string;
  let value: JsonValue;
  try {
    text = typeof input === 'string' ? input : decoder.decode(input);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return { value, problems: isSound(text, value, maxDepth) ? [] : findProblems(text, maxDepth) };
}

/** Half of a surrogate pair, as it can be hidden in an escape. */
const escapedSurrogate = /\\u[dD][89a-fA-F]/;

/** Whether there surely are no problems; cheap, and true for nearly all that servers send. */
function isSound(text: string, value: JsonValue, maxDepth: number): boolean {
  if (!text.isWellFormed() || escapedSurrogate.test(text)) return false;
  const keys = countKeys(text, maxDepth);
  // Of a repeated key the value has but one.
  return keys !== undefined && keys === keysOf(value);
}

/** Keys in the text; undefined if a number needs a closer look or the nesting is too deep. */
function countKeys(text: string, maxDepth: number): number | undefined {
  let keys = 0;
  let depth = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= digit0 && code <= digit9) {
      digits += 1;
      if (digits > safeDigits) return undefined;
      continue;
    }
    if (digits > 0 && (code === dot || code === smallE || code === bigE)) return undefined;
    digits = 0;
    if (code === quote) at = endOfString(text, at);
    else if (code === colon) keys += 1;
    else if (code === openObject || code === openList) {
      depth += 1;
      if (depth > maxDepth) return undefined;
    } else if (code === closeObject || code === closeList) depth -= 1;
  }
  return keys;
}

function keysOf(value: JsonValue): number {
  let keys = 0;
  const open: (JsonObject | JsonValue[])[] = [];
  const enter = (member: JsonValue | undefined) => {
    if (typeof member === 'object' && member !== null) open.push(member);
  };
  enter(value);
  for (let next = open.pop(); next; next = open.pop()) {
    if (Array.isArray(next)) for (const member of next) enter(member);
    else {
      const names = Object.keys(next);
      keys += names.length;
      for (const name of names) enter(next[name]);
    }
  }
  return keys;
}

/** An object with the keys so far, or a list with the number of members before the present one. */
interface Container {
  keys: Set<string> | undefined;
  step: string | number;
}

/** A string, with the colon behind it if it is a key; a number; or the mark of a container. */
const tokens = /"|-?\d[\d.eE+-]*|[{}[\],]/g;
const colonNext = /\s*:/y;

/** One of each kind and path. @param text valid JSON */
function findProblems(text: string, maxDepth: number): JsonProblem[] {
  const problems = new Map<string, JsonProblem>();
  const open: Container[] = [];
  const report = (kind: JsonProblemKind) => {
    const path = open.slice(0, 2).map(({ step }) => step);
    problems.set(JSON.stringify([kind, path]), { kind, path });
  };
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token] = match;
    const top = open.at(-1);
    if (token === '{' || token === '[') {
      if (open.length === maxDepth) report('tooDeep');
      open.push(token === '{' ? { keys: new Set(), step: '' } : { keys: undefined, step: 0 });
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (typeof top?.step === 'number') top.step += 1;
    } else if (token !== '"') {
      if (!Number.isFinite(Number(token))) report('numberTooLarge');
      else if (!isSafeInteger(token)) report('looseNumber');
    } else {
      const end = endOfString(text, match.index) + 1;
      const string: string = JSON.parse(text.slice(match.index, end));
      tokens.lastIndex = end;
      colonNext.lastIndex = end;
      if (top?.keys && colonNext.test(text)) {
        top.step = string;
        if (top.keys.has(string)) report('repeatedKey');
        top.keys.add(string);
      }
      if (!string.isWellFormed()) report('loneSurrogate');
    }
  }
  return [...problems.values()];
}

function isSafeInteger(token: string): boolean {
  return !/[.eE]/.test(token) && Number.isSafeInteger(Number(token));
}

/** @param start where a string of valid JSON has its first quote. @returns where it has its last */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** By an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}

const [quote, colon, dot, backslash] = [0x22, 0x3a, 0x2e, 0x5c];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];
const [digit0, digit9, bigE, smallE] = [0x30, 0x39, 0x45, 0x65];
/** Every integer of so many digits is within ±(2^53−1). */
const safeDigits = 15;
