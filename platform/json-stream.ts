/** What a large JSON object consists of, part by part. */
export interface JsonPart {
  /** Of a member of the object. */
  key: string;
  /** Position in the member's list; absent: the member is no list, and `text` is all of it. */
  index?: number;
  /** JSON. */
  text: string;
}

/** The text is not an object as was expected, or a part of it is too large. */
export class JsonStreamError extends Error {
  override name = 'JsonStreamError';
}

type Mode = 'start' | 'key' | 'value' | 'listEnd' | 'end';

/**
 * Takes an object apart while it arrives, so that its lists need not fit into memory: their elements come one by one.
 * Only the outer structure is looked at; each part is parsed, and judged, by who takes it. Linear in time.
 * @throws JsonStreamError also if the text ends too early
 */
export async function* jsonParts(
  body: ReadableStream<Uint8Array>,
  maxPartLength: number,
): AsyncGenerator<JsonPart, void> {
  const scanner = new Scanner(maxPartLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  for await (const chunk of body) yield* scanner.scan(decode(decoder, chunk));
  yield* scanner.scan(decode(decoder));
  scanner.finish();
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new JsonStreamError('not UTF-8');
  }
}

class Scanner {
  readonly #maxPartLength: number;
  #mode: Mode = 'start';
  #key = '';
  /** Of the part that has begun. */
  #text = '';
  /** Brackets open within it. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Position in the list; absent outside of lists. */
  #index: number | undefined;

  constructor(maxPartLength: number) {
    this.#maxPartLength = maxPartLength;
  }

  *scan(chunk: string): Generator<JsonPart> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 0x5c) this.#escaped = true;
        else if (code === 0x22) this.#inString = false;
        continue;
      }
      if (code === 0x22) {
        this.#inString = true;
        continue;
      }
      if (!isStructural(code)) continue;
      if (this.#depth > 0 || !this.#isBoundary(code, chunk.slice(from, at))) {
        if (code === 0x7b || code === 0x5b) this.#depth += 1;
        else if (code === 0x7d || code === 0x5d) this.#depth -= 1;
        continue;
      }
      this.#append(chunk.slice(from, at));
      from = at + 1;
      const part = this.#cross(code);
      if (part) yield part;
    }
    this.#append(chunk.slice(from));
  }

  finish(): void {
    if (this.#mode !== 'end' || this.#text.trim() !== '')
      throw new JsonStreamError('the text ends too early');
  }

  /** Whether the character ends or begins a part, being outside of all brackets of the part. */
  #isBoundary(code: number, pending: string): boolean {
    if (code === 0x2c || code === 0x7d || code === 0x5d) return true;
    if (code === 0x3a) return this.#mode === 'key';
    const isEmpty = this.#text.trim() === '' && pending.trim() === '';
    if (code === 0x7b) return this.#mode === 'start' && isEmpty;
    return this.#mode === 'value' && this.#index === undefined && isEmpty;
  }

  #append(text: string): void {
    if (this.#text.length + text.length > this.#maxPartLength)
      throw new JsonStreamError('a part is too large');
    this.#text += text;
  }

  #cross(code: number): JsonPart | undefined {
    const text = this.#text.trim();
    this.#text = '';
    switch (code) {
      case 0x7b:
        return this.#become('key');
      case 0x5b:
        this.#index = 0;
        return undefined;
      case 0x3a:
        this.#key = keyOf(text);
        return this.#become('value');
      case 0x5d: {
        if (this.#index === undefined) throw new JsonStreamError('a list ends that did not begin');
        const part = this.#element(text, this.#index === 0);
        this.#index = undefined;
        this.#mode = 'listEnd';
        return part;
      }
      case 0x2c:
        if (this.#index !== undefined) return this.#element(text, false);
        return this.#member(text, 'key');
      default:
        if (this.#index !== undefined) throw new JsonStreamError('a list does not end');
        return this.#member(text, 'end');
    }
  }

  #become(mode: Mode): undefined {
    this.#mode = mode;
    return undefined;
  }

  #element(text: string, mayBeNone: boolean): JsonPart | undefined {
    if (text === '' && mayBeNone) return undefined;
    if (text === '' || this.#index === undefined) throw new JsonStreamError('an element is missing');
    const part = { key: this.#key, index: this.#index, text };
    this.#index += 1;
    return part;
  }

  #member(text: string, next: Mode): JsonPart | undefined {
    const mode = this.#mode;
    this.#mode = next;
    if (mode === 'listEnd' && text === '') return undefined;
    if (mode === 'value' && text !== '') return { key: this.#key, text };
    if (mode === 'key' && text === '' && next === 'end') return undefined;
    throw new JsonStreamError('a member is missing');
  }
}

function isStructural(code: number): boolean {
  return code === 0x7b || code === 0x7d || code === 0x5b || code === 0x5d || code === 0x2c || code === 0x3a;
}

function keyOf(text: string): string {
  try {
    const key: unknown = JSON.parse(text);
    if (typeof key === 'string') return key;
  } catch {
    // As what is no string.
  }
  throw new JsonStreamError('a key is no string');
}
