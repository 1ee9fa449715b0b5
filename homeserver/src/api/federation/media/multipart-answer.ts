import { randomBytes } from 'node:crypto';

/**
 * Server-server API, "Content Repository": a part of JSON, which is empty so far, and the file as it is served to
 * clients.
 */
export function multipartAnswer(file: Response): Response {
  const boundary = `roost-${randomBytes(12).toString('hex')}`;
  const heads = ['content-type', 'content-disposition']
    .map((name) => [name, file.headers.get(name)])
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const before = `--${boundary}\r\ncontent-type: application/json\r\n\r\n{}\r\n--${boundary}\r\n${heads}\r\n`;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const encoder = new TextEncoder();
      controller.enqueue(encoder.encode(before));
      try {
        for await (const chunk of file.body ?? []) controller.enqueue(chunk);
        controller.enqueue(encoder.encode(`\r\n--${boundary}--\r\n`));
        controller.close();
      } catch (error) {
        controller.error(error);
      }
    },
  });
  return new Response(body, { headers: { 'content-type': `multipart/mixed; boundary=${boundary}` } });
}
