import { Buffer } from 'node:buffer';

/** The text is no multipart body, or its heads are too large. */
export class MultipartError extends Error {
  override name = 'MultipartError';
}

export interface MultipartPart {
  headers: Headers;
  /** To be read to its end before the next part is asked for. */
  body: ReadableStream<Uint8Array>;
}

const maxHeadBytes = 16 * 1024;

/** @returns the boundary that a `Content-Type` names, if it is one of multipart (RFC 2046, section 5.1.1) */
export function multipartBoundary(contentType: string | null): string | undefined {
  const match = /^multipart\/[a-z0-9.+-]+\s*;.*?\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? '',
  );
  return match?.[1] ?? match?.[2];
}

/** Reads a multipart body part by part, holding no part as a whole. Linear in time. */
export class MultipartReader {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #delimiter: Buffer;
  /** What was read and not given on. As if a line had ended before the first delimiter. */
  #rest: Buffer = Buffer.from('\r\n');
  #ended = false;

  constructor(source: ReadableStream<Uint8Array>, boundary: string) {
    this.#source = source.getReader();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** @returns nothing after the last part @throws MultipartError */
  async nextPart(): Promise<MultipartPart | undefined> {
    await this.#skipToDelimiter();
    const end = await this.#line();
    if (end.startsWith('--')) return undefined;
    if (end.trim() !== '') throw new MultipartError('a delimiter does not end its line');
    const headers = new Headers();
    for (let line = await this.#line(); line !== ''; line = await this.#line()) {
      const colon = line.indexOf(':');
      if (colon < 1) throw new MultipartError('a header is malformed');
      try {
        headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
      } catch {
        throw new MultipartError('a header is malformed');
      }
    }
    return { headers, body: this.#body() };
  }

  async cancel(): Promise<void> {
    await this.#source.cancel().catch(() => {});
  }

  #body(): ReadableStream<Uint8Array> {
    // A part may be empty: then its head is followed by the delimiter at once.
    this.#rest = Buffer.concat([Buffer.from('\r\n'), this.#rest]);
    let isFirst = true;
    return new ReadableStream({
      pull: async (controller) => {
        for (;;) {
          const at = this.#rest.indexOf(this.#delimiter);
          const upTo = at >= 0 ? at : this.#rest.length - this.#delimiter.length + 1;
          const from = isFirst ? 2 : 0;
          if (upTo > from || at >= 0) {
            const chunk = this.#rest.subarray(from, Math.max(upTo, from));
            // The end of line that was put before an empty part belongs to the delimiter.
            this.#rest = this.#rest.subarray(Math.max(upTo, at === 0 ? 0 : from));
            isFirst = false;
            if (chunk.length > 0) controller.enqueue(new Uint8Array(chunk));
            if (at >= 0) controller.close();
            return;
          }
          if (!(await this.#readMore())) throw new MultipartError('a part does not end');
        }
      },
    });
  }

  async #skipToDelimiter(): Promise<void> {
    for (;;) {
      const at = this.#rest.indexOf(this.#delimiter);
      if (at >= 0) {
        this.#rest = this.#rest.subarray(at + this.#delimiter.length);
        return;
      }
      if (this.#rest.length > maxHeadBytes) throw new MultipartError('the preamble is too long');
      if (!(await this.#readMore())) throw new MultipartError('there is no part');
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const at = this.#rest.indexOf('\r\n');
      if (at >= 0) {
        const line = this.#rest.toString('utf8', 0, at);
        this.#rest = this.#rest.subarray(at + 2);
        return line;
      }
      if (this.#rest.length > maxHeadBytes) throw new MultipartError('a header is too long');
      if (await this.#readMore()) continue;
      // The last delimiter may end the text.
      const line = this.#rest.toString('utf8');
      this.#rest = Buffer.alloc(0);
      if (line.startsWith('--')) return line;
      throw new MultipartError('a header does not end');
    }
  }

  async #readMore(): Promise<boolean> {
    if (this.#ended) return false;
    const { done, value } = await this.#source.read();
    this.#ended = done;
    if (value) this.#rest = Buffer.concat([this.#rest, value]);
    return !done;
  }
}
