import { createWriteStream } from 'node:fs';

/** Appends lines to a file. */
export function logToFile(file: string): { write(line: string): void; close(): Promise<void> } {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    write: (line) => void stream.write(`${line}\n`),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
