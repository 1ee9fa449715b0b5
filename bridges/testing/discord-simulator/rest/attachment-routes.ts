import { invalidFormBody } from '../discord-api-error.ts';
import { signedCdnUrl } from '../render/render-message.ts';
import { ok, type Route } from './rest-call.ts';

const maxUrls = 50;

/** Undocumented, but what every client library uses: fresh signatures for expired attachment links. */
export const attachmentRoutes: Route[] = [
  {
    operationId: 'refresh_attachment_urls',
    method: 'POST',
    path: '/attachments/refresh-urls',
    auth: 'bot',
    run: (call) => {
      const urls = call.body.attachment_urls;
      if (!Array.isArray(urls) || urls.length === 0 || urls.length > maxUrls) {
        throw invalidFormBody(
          'attachment_urls',
          'BASE_TYPE_BAD_LENGTH',
          'Must be between 1 and 50 in length.',
        );
      }
      return ok({
        refreshed_urls: urls.map((original: unknown) => {
          const path = URL.canParse(String(original)) ? new URL(String(original)).pathname : '';
          const match = /\/attachments\/\d+\/(\d+)\/[^/]+$/.exec(path);
          const known = match?.[1] !== undefined && call.world.attachments.has(match[1]);
          return { original, refreshed: known && match ? signedCdnUrl(call.world, match[0]) : null };
        }),
      });
    },
  },
];
