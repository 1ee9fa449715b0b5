import type { Page } from '../web-client/playwright.ts';

/**
 * What is wrong with a page for those who see little, use no mouse, or have a small screen (WCAG 2.2, AA): names of
 * fields, one heading, a landmark, contrast, sizes of what is pressed, nothing beyond the edge.
 */
export async function lookOver(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(${inPage})()`);
}

/** Runs in the page, so it is text. */
const inPage = `() => {
  const wrong = [];
  const isShown = (element) => element.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  if (!document.documentElement.lang) wrong.push('no language');
  if (document.title === '') wrong.push('no title');
  if (all('h1').length !== 1) wrong.push('not one h1');
  if (all('main').length !== 1) wrong.push('not one main');
  for (const input of all('input')) {
    if (input.labels.length === 0) wrong.push('no label: ' + input.name);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
  for (const pressed of all('button, a.button, input:not([type=checkbox])')) {
    if (pressed.getBoundingClientRect().height < 39) wrong.push('too small: ' + pressed.outerHTML.slice(0, 80));
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('wider than the screen');

  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const backgroundOf = (element) => {
    if (!element) return parse(getComputedStyle(document.body).backgroundColor).slice(0, 3);
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 0 ? backgroundOf(element.parentElement) : own[3] === undefined ? own : over(own, backgroundOf(element.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of all('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!hasText && element.tagName !== 'INPUT') continue;
    const background = backgroundOf(element);
    const text = over(parse(getComputedStyle(element).color), background);
    const [high, low] = [luminance(text), luminance(background)].sort((one, other) => other - one);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) wrong.push('contrast ' + contrast.toFixed(1) + ': ' + element.outerHTML.slice(0, 80));
  }
  return wrong;
}`;
