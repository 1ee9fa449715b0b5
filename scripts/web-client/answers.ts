import { ViolationLog } from '../../bridges/testing/spec-validation/violations.ts';
import { checkMatrixAnswer } from '../../test/harness/matrix-spec.ts';
import type { Answer, Page } from './playwright.ts';

/** What a client may ask for in vain, and why: `METHOD path` with ids as `{}`. */
const knownAsUnserved: Record<string, string> = {};

interface Refusal {
  /** `METHOD path` with ids as `{}`. */
  request: string;
  status: number;
  errcode: string;
}

/** Gathers what the server refuses to a page, and what went wrong inside the page. */
export class Answers {
  readonly #refusals = new Map<string, Refusal & { times: number }>();
  readonly #requests = new Set<string>();
  readonly #pageErrors: string[] = [];
  readonly #violations = new ViolationLog();
  readonly #pending: Promise<void>[] = [];

  constructor(page: Page, serverUrl: string) {
    page.on('pageerror', (error) => this.#pageErrors.push(error.message));
    page.on('response', (answer) => {
      if (answer.url().startsWith(serverUrl)) this.#pending.push(this.#note(answer));
    });
  }

  async #note(answer: Answer): Promise<void> {
    const request = `${answer.request().method()} ${withoutIds(new URL(answer.url()).pathname)}`;
    this.#requests.add(request);
    const contentType = (await answer.allHeaders())['content-type'] ?? '';
    // A page that is left takes the texts of its last answers with it.
    const text = contentType.startsWith('application/json') ? await answer.text().catch(() => '') : '';
    if (text || !contentType.startsWith('application/json')) {
      checkMatrixAnswer(this.#violations, {
        method: answer.request().method(),
        pathname: new URL(answer.url()).pathname,
        status: answer.status(),
        contentType,
        text: () => text,
      });
    }
    if (answer.status() < 400) return;
    const errcode = /"errcode":"(\w+)"/.exec(text)?.[1] ?? '';
    const key = `${request} ${answer.status()} ${errcode}`;
    const known = this.#refusals.get(key);
    if (known) known.times += 1;
    else this.#refusals.set(key, { request, status: answer.status(), errcode, times: 1 });
  }

  /**
   * Prints what was asked and refused.
   * @returns what is not served without being known as such, server errors, and what the specification does not allow
   */
  async report(): Promise<string[]> {
    await Promise.all(this.#pending);
    console.log(`\n${this.#requests.size} different requests. Refused:`);
    const unexpected: string[] = [];
    for (const { request, status, errcode, times } of this.#refusals.values()) {
      const reason = knownAsUnserved[request];
      console.log(`  ${status} ${errcode} ${request} (${times}x)${reason ? ` – ${reason}` : ''}`);
      const unserved = errcode === 'M_UNRECOGNIZED' || status === 405;
      if ((unserved && !reason) || status >= 500) unexpected.push(`${request} answers ${status} ${errcode}`);
    }
    for (const error of new Set(this.#pageErrors)) console.log(`  in the page: ${error}`);
    const violations = this.#violations.all.map(({ operation, message }) => `${operation}: ${message}`);
    return [...unexpected, ...new Set(violations)];
  }
}

function withoutIds(pathname: string): string {
  return pathname
    .split('/')
    .map((segment) =>
      /^[!@$#]|^m\d+\.|^[A-Za-z0-9_-]{18,}$/.test(decodeURIComponent(segment)) ? '{}' : segment,
    )
    .join('/');
}
