import { Parser } from 'htmlparser2';

/** The HTML of a message as a small tree. */
export type HtmlNode = string | HtmlElement;

export interface HtmlElement {
  tag: string;
  attributes: Record<string, string>;
  children: HtmlNode[];
}

/** Client-server API: clients should not nest deeper; what is deeper becomes a child of the last level. */
const maxDepth = 100;
/** Neither shown nor quoted. `mx-reply` repeats the message that is answered. */
const dropped = new Set(['script', 'style', 'head', 'title', 'mx-reply']);

/** Never fails: what is no markup is text. */
export function parseHtml(html: string): HtmlElement {
  const root: HtmlElement = { tag: '', attributes: {}, children: [] };
  const stack = [root];
  let droppedDepth = 0;
  let tooDeep = 0;
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (droppedDepth > 0 || dropped.has(tag)) {
        droppedDepth += 1;
        return;
      }
      if (stack.length > maxDepth) {
        tooDeep += 1;
        return;
      }
      const element: HtmlElement = { tag, attributes, children: [] };
      stack.at(-1)?.children.push(element);
      stack.push(element);
    },
    ontext(text) {
      if (droppedDepth > 0) return;
      const children = stack.at(-1)?.children ?? [];
      const last = children.at(-1);
      // An entity makes a text arrive in pieces.
      if (typeof last === 'string') children[children.length - 1] = last + text;
      else children.push(text);
    },
    onclosetag() {
      if (droppedDepth > 0) droppedDepth -= 1;
      else if (tooDeep > 0) tooDeep -= 1;
      else if (stack.length > 1) stack.pop();
    },
  });
  parser.end(html);
  return root;
}

export function textOf(node: HtmlNode): string {
  return typeof node === 'string' ? node : node.children.map(textOf).join('');
}

export function walkElements(element: HtmlElement, visit: (element: HtmlElement) => void): void {
  visit(element);
  for (const child of element.children) if (typeof child !== 'string') walkElements(child, visit);
}
