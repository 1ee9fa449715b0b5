/** One part of a `multipart/form-data` body. */
export interface FormPart {
  name: string;
  filename: string | undefined;
  contentType: string;
  body: Buffer;
}

/** Splits a multipart body by the boundary of its content type. Reads only what real clients send. */
export async function parseMultipart(contentType: string, body: Buffer): Promise<FormPart[]> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  const parts: FormPart[] = [];
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') {
      parts.push({ name, filename: undefined, contentType: 'text/plain', body: Buffer.from(value) });
    } else {
      const file = value as File;
      const bytes = Buffer.from(await file.arrayBuffer());
      parts.push({ name, filename: file.name, contentType: file.type, body: bytes });
    }
  }
  return parts;
}
