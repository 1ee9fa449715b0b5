import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, inflateSync } from 'node:zlib';

/** Something that a server has stored, and where. */
export interface Stored {
  where: string;
  bytes: Buffer;
}

/**
 * All that lies in a server's folder: each file as it is, write-ahead logs included, and each value of each table, so
 * that nothing hides in two pages of a database. The server must not be running.
 */
export function* storedBytes(dataDir: string): Generator<Stored> {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files) yield { where: file, bytes: readFileSync(file) };
  for (const file of files.filter((name) => name.endsWith('.sqlite'))) yield* storedValues(file);
}

function* storedValues(file: string): Generator<Stored> {
  const database = new DatabaseSync(file, { readBigInts: true });
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    for (const { name } of tables) {
      for (const row of database.prepare(`SELECT * FROM "${name}"`).all()) {
        for (const [column, value] of Object.entries(row)) {
          if (typeof value !== 'string' && !(value instanceof Uint8Array)) continue;
          yield { where: `${file} ${name}.${column}`, bytes: Buffer.from(value as Uint8Array) };
        }
      }
    }
  } finally {
    database.close();
  }
}

/** Whether `text` is in it in any form that is not encrypted: as JSON writes it, in Base64, packed. */
export function contains(bytes: Buffer, text: string): boolean {
  return [bytes, ...unpacked(bytes)].some((plain) => formsOf(text).some((form) => plain.includes(form)));
}

function formsOf(text: string): (string | Buffer)[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const utf16 = Buffer.from(text, 'utf16le');
  return [text, escaped, utf16, Buffer.from(text).toString('hex'), ...base64Forms(text)];
}

/** In Base64 a text looks differently depending on how many bytes are before it. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    // The first and last characters have bits of the neighbours.
    const inner = encoded.slice(before === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function unpacked(bytes: Buffer): Buffer[] {
  for (const unpack of [gunzipSync, inflateSync]) {
    try {
      return [unpack(bytes)];
    } catch {
      // Not packed so.
    }
  }
  return [];
}
