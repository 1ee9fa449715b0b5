/** Something that does not agree with the vendor's specification, in a request, a reply or a pushed event. */
export interface Violation {
  where: 'request' | 'response' | 'event';
  /** The API method, operation or event, as the specification names it. */
  operation: string;
  message: string;
  /** What was wrong, for the reader of a failing test. */
  body: unknown;
}

/** Collects violations so that a test can assert at its end that there were none. */
export class ViolationLog {
  readonly all: Violation[] = [];

  add(violation: Violation): void {
    this.all.push(violation);
  }

  /** @throws Error listing every violation. */
  assertNone(): void {
    if (this.all.length === 0) return;
    const lines = this.all.map((v) => {
      const body = JSON.stringify(v.body) ?? '';
      return `${v.where} ${v.operation}: ${v.message} — ${body.slice(0, 400)}`;
    });
    throw new Error(`${this.all.length} violation(s) of the specification\n${lines.join('\n')}`);
  }
}
