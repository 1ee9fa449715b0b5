import { Html, html } from './html.ts';

/** The frame of the pages that people see. They need no JavaScript. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(styles)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>`;
}

/** What was wrong with the last attempt, read out by screen readers. */
export function problemNotice(problem: string | undefined): Html {
  return problem === undefined ? html`` : html`<p class="problem" role="alert" id="problem">${problem}</p>`;
}

export const styles = `
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 34rem; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.2rem; }
label, dt { display: block; font-weight: 600; margin-top: 1.25rem; }
dd { margin: 0.2rem 0 0; }
.hint { margin: 0.1rem 0 0.4rem; font-size: 0.92rem; }
input { box-sizing: border-box; width: 100%; padding: 0.6rem; font: inherit; border: 1px solid #767676; border-radius: 0.4rem; }
button { margin: 1.75rem 0.6rem 0 0; padding: 0.7rem 1.4rem; font: inherit; font-weight: 600; color: #fff; background: #1a5f3c; border: 1px solid #1a5f3c; border-radius: 0.4rem; cursor: pointer; }
button.plain { color: inherit; background: none; border-color: #767676; }
button.danger { background: #b3261e; border-color: #b3261e; }
:focus-visible { outline: 3px solid #2f80ed; outline-offset: 2px; }
.problem { padding: 0.7rem 1rem; border-left: 0.3rem solid #b3261e; background: #b3261e1a; }
.devices { list-style: none; padding: 0; }
.devices li { padding: 0.8rem 0; border-bottom: 1px solid #76767655; }
code { overflow-wrap: anywhere; }
`;
