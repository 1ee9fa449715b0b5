/** What authenticators write (CTAP2's canonical CBOR): definite lengths, no tags, no fractions. */
export type CborValue = number | string | boolean | null | Uint8Array | CborValue[] | CborMap;
export type CborMap = Map<number | string, CborValue>;

/** CTAP2 allows four levels. */
const maxDepth = 4;

/**
 * Reads one value.
 * @returns it, and where the next byte is
 * @throws RangeError if it is cut off, too deep, or of a kind that does not occur here
 */
export function decodeCbor(bytes: Uint8Array, start = 0): { value: CborValue; end: number } {
  const reader = new CborReader(bytes, start);
  const value = reader.value(0);
  return { value, end: reader.position };
}

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
  }

  value(depth: number): CborValue {
    if (depth > maxDepth) throw new RangeError('CBOR: too deep');
    const first = this.#unsigned(1);
    const argument = () => this.#argument(first & 0x1f);
    switch (first >> 5) {
      case 0:
        return argument();
      case 1:
        return -1 - argument();
      case 2:
        return this.#take(argument());
      case 3:
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#take(argument()));
      case 4:
        return this.#list(argument(), depth);
      case 5:
        return this.#map(argument(), depth);
      default:
        return simpleValue(first);
    }
  }

  #argument(size: number): number {
    if (size < 24) return size;
    if (size > 26) throw new RangeError('CBOR: a length or number that does not occur here');
    return this.#unsigned(1 << (size - 24));
  }

  #unsigned(size: number): number {
    const at = this.position;
    this.position += size;
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.#bytes.byteLength) throw new RangeError('CBOR: cut off');
    const part = this.#bytes.slice(this.position, end);
    this.position = end;
    return part;
  }

  #list(length: number, depth: number): CborValue[] {
    const values: CborValue[] = [];
    for (let index = 0; index < length; index += 1) values.push(this.value(depth + 1));
    return values;
  }

  #map(length: number, depth: number): CborMap {
    const map: CborMap = new Map();
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== 'number' && typeof key !== 'string') throw new RangeError('CBOR: a strange key');
      if (map.has(key)) throw new RangeError('CBOR: a repeated key');
      map.set(key, this.value(depth + 1));
    }
    return map;
  }
}

function simpleValue(first: number): boolean | null {
  if (first === 0xf4) return false;
  if (first === 0xf5) return true;
  if (first === 0xf6) return null;
  throw new RangeError('CBOR: a kind that does not occur here');
}
