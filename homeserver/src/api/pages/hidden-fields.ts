import { type Html, html } from './html.ts';

export function hiddenFields(values: Record<string, string>): Html {
  return Object.entries(values).reduce(
    (all, [name, value]) => html`${all}<input type="hidden" name="${name}" value="${value}">
`,
    html``,
  );
}
