import { essence } from '../../../platform/content-type.ts';
import { log } from '../../../platform/log.ts';
import { SafeFetchError } from '../../../platform/safe-fetch.ts';
import { fetchOembed } from './oembed.ts';
import { decodePage } from './page-charset.ts';
import { readPageMetadata } from './page-metadata.ts';
import { asPreviewImage, fetchPreviewImage, type PreviewImage } from './preview-image.ts';
import { type PublicFetch, readBeginning } from './public-fetch.ts';

export interface PagePreview {
  properties: Map<string, string>;
  image: PreviewImage | undefined;
}

const timeoutMs = 10_000;
/** What describes a page is in its head. */
const maxPageBytes = 1024 * 1024;
const maxImageBytes = 5 * 1024 * 1024;
const accept = 'text/html,application/xhtml+xml,image/*;q=0.8,*/*;q=0.5';
const userAgent = 'Roost (Matrix homeserver, URL preview bot)';

/**
 * 1. The page, or its beginning. 2. What its head says. 3. If that lacks a title or a picture, the oEmbed
 * document that it names. 4. The picture. Each by the same rules, none leads any further.
 * @returns nothing if the page cannot be had; an empty preview if it says nothing of itself
 */
export async function makePreview(
  fetchPublic: PublicFetch,
  address: string,
  language: string | null,
): Promise<PagePreview | undefined> {
  try {
    return await preview(fetchPublic, address, language);
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error;
    log('info', 'url_preview.failed', { reason: error.reason });
    return undefined;
  }
}

async function preview(
  fetchPublic: PublicFetch,
  address: string,
  language: string | null,
): Promise<PagePreview | undefined> {
  const headers = { accept, 'user-agent': userAgent, ...(language && { 'accept-language': language }) };
  const { response, url } = await fetchPublic(address, { timeoutMs, maxBytes: maxImageBytes, headers });
  const contentType = response.headers.get('content-type') ?? '';
  const type = essence(contentType);
  const isPage = type === 'text/html' || type === 'application/xhtml+xml';
  if (response.status !== 200 || !(isPage || type.startsWith('image/'))) {
    await response.body?.cancel();
    return response.status === 200 ? { properties: new Map(), image: undefined } : undefined;
  }
  if (!isPage) {
    const image = asPreviewImage(await readBeginning(response, maxImageBytes));
    return { properties: new Map(), image };
  }
  const html = decodePage(await readBeginning(response, maxPageBytes), contentType);
  return describePage(fetchPublic, html, url);
}

async function describePage(fetchPublic: PublicFetch, html: string, url: string): Promise<PagePreview> {
  const page = readPageMetadata(html);
  const lacks = page.image === undefined || !page.properties.has('og:title');
  const oembedUrl = lacks ? webAddress(page.oembed, url) : undefined;
  const oembed = oembedUrl === undefined ? undefined : await fetchOembed(fetchPublic, oembedUrl);
  const properties = new Map([...(oembed?.properties ?? []), ...page.properties]);
  const imageUrl = webAddress(page.image, url) ?? webAddress(oembed?.image, oembedUrl);
  const image = imageUrl === undefined ? undefined : await fetchPreviewImage(fetchPublic, imageUrl);
  return { properties, image };
}

function webAddress(text: string | undefined, base: string | undefined): string | undefined {
  if (text === undefined || base === undefined || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
