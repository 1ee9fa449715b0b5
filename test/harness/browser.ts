import { Parser } from 'htmlparser2';

export interface Form {
  action: string;
  method: string;
  /** Of hidden and other inputs, as they were shown. */
  fields: Record<string, string>;
  /** What it asks a passkey. */
  passkeyOptions?: unknown;
}

/** A page as a browser without JavaScript has it, or the address of another program that it was sent to. */
export interface Page {
  url: string;
  status: number;
  text: string;
  headers: Headers;
  forms: Form[];
  links: string[];
}

/** A browser of one person: cookies, links, redirects and forms. It goes no further than the given origin. */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async open(url: string, init: RequestInit = {}): Promise<Page> {
    const absolute = new URL(url, this.#origin).href;
    if (!absolute.startsWith(`${this.#origin}/`)) return leftFor(url);
    const response = await fetch(absolute, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: this.#cookieHeader() },
    });
    this.#keepCookies(response);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      return this.open(location);
    }
    const text = await response.text();
    return { url: absolute, status: response.status, text, headers: response.headers, ...parsePage(text) };
  }

  /** Sends the page's form with these fields filled in. */
  submit(page: Page, fields: Record<string, string>, index = 0): Promise<Page> {
    const form = page.forms[index];
    if (!form) throw new Error(`no form at ${page.url} (${page.status}): ${page.text.slice(0, 500)}`);
    const body = new URLSearchParams({ ...form.fields, ...fields });
    return this.open(new URL(form.action, page.url).href, { method: form.method, body });
  }

  #cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keepCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const end = pair.indexOf('=');
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(pair.slice(0, end));
      else this.#cookies.set(pair.slice(0, end), pair.slice(end + 1));
    }
  }
}

function leftFor(url: string): Page {
  return { url, status: 0, text: '', headers: new Headers(), forms: [], links: [] };
}

function parsePage(text: string): { forms: Form[]; links: string[] } {
  const forms: Form[] = [];
  const links: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'a' && attributes.href !== undefined) links.push(attributes.href);
      if (name === 'form') {
        const options = attributes['data-options'];
        forms.push({
          action: attributes.action ?? '',
          method: attributes.method ?? 'get',
          fields: {},
          ...(options !== undefined && { passkeyOptions: JSON.parse(options) }),
        });
      }
      const form = forms.at(-1);
      if (name === 'input' && form && attributes.name !== undefined && attributes.type !== 'checkbox') {
        form.fields[attributes.name] = attributes.value ?? '';
      }
    },
  });
  parser.end(text);
  return { forms, links };
}
