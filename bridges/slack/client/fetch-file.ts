import { SafeFetchError, safeFetch } from '../../../platform/safe-fetch.ts';
import type { MediaUpload } from '../../core/network-client.ts';
import { RetryLater } from '../../core/send-outcome.ts';
import { toldSize } from '../../core/told-size.ts';

const timeoutMs = 120_000;
/** Slack's own hosts; the token is shown to the first kind only. */
const privateHosts = /(?:^|\.)slack\.com$/;

/**
 * Downloads a picture or file of Slack's. The token goes to `*.slack.com` (and to the host of the Web API,
 * which elsewhere than in production is another one), never along with a redirect to anywhere else.
 * @throws RetryLater if Slack has not got it ready yet, Error if it cannot be had
 */
export async function fetchSlackFile(
  { token, apiUrl }: { token: string; apiUrl: string },
  address: string,
  { maxBytes, fileName, contentType }: { maxBytes: number; fileName?: string; contentType?: string },
): Promise<MediaUpload> {
  const apiHost = new URL(apiUrl).hostname;
  const host = URL.canParse(address) ? new URL(address).hostname : '';
  const isPrivate = privateHosts.test(host) || host === apiHost;
  let response: Response;
  try {
    response = await safeFetch(address, {
      timeoutMs,
      maxBytes,
      allowedHosts: [apiHost],
      headers: isPrivate ? { authorization: `Bearer ${token}` } : {},
    });
  } catch (error) {
    if (error instanceof SafeFetchError && error.reason === 'timed_out') {
      throw new RetryLater(5_000, 'file: timed out');
    }
    throw error;
  }
  if (response.status === 429 || response.status >= 500)
    throw new RetryLater(5_000, `file: ${response.status}`);
  const type = response.headers.get('content-type') ?? 'application/octet-stream';
  const isPage =
    type.startsWith('text/html') && contentType !== undefined && !contentType.startsWith('text/html');
  if (!response.ok || !response.body || isPage) {
    await response.body?.cancel();
    throw new Error(isPage ? 'file: a page came instead' : `file: status ${response.status}`);
  }
  return {
    body: response.body as ReadableStream<Uint8Array>,
    ...toldSize(response),
    contentType: contentType ?? type,
    ...(fileName === undefined ? {} : { fileName }),
  };
}
