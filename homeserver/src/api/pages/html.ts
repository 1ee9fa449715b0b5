/** HTML text whose parts have been escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Template tag: values are escaped, other `Html` goes in as it is. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...values: (string | Html)[]): Html {
  const parts = strings.map((literal, index) => {
    const value = values[index];
    if (value === undefined) return literal;
    return literal + (value instanceof Html ? value.text : escapeHtml(value));
  });
  return new Html(parts.join(''));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
