const maxFormBytes = 16 * 1024;

/** An `application/x-www-form-urlencoded` body; nothing if it is something else or too long. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded') || !request.body) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxFormBytes) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Its fields, of a repeated one the last; empty if there is none. */
export async function readFormBody(request: Request): Promise<Record<string, string>> {
  return Object.fromEntries((await readForm(request)) ?? []);
}
