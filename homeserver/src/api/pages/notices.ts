import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { pageResponse } from './page-response.ts';

/** What has been done. */
export function donePage(title: string, text: string): Html {
  return page(title, html`<p>${text}</p>`);
}

/** Why something is not done that cannot be put right in a form. @param message a sentence */
export function refusal(message: string, status = 403): Response {
  return pageResponse(page('This does not work', html`<p>${message}</p>`), status);
}

/** The form was not shown by us to this browser. */
export function staleForm(): Response {
  return refusal('This page is too old, or was not opened in this browser. Please start again in the app.');
}
