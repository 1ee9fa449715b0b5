import { Html, html } from './html.ts';

/**
 * The frame of the pages that people see. They need no JavaScript, but for passkeys.
 * @param script text of ours, for `pageResponse` to allow
 */
export function page(title: string, body: Html, script?: string): Html {
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
${script === undefined ? html`` : new Html(`<script>${script}</script>\n`)}</body>
</html>`;
}

/** What was wrong with the last attempt, read out by screen readers. */
export function problemNotice(problem: string | undefined): Html {
  return problem === undefined ? html`` : html`<p class="problem" role="alert" id="problem">${problem}</p>`;
}

export const styles = `
:root { color-scheme: light dark; --text: #1d2521; --dim: #55605a; --page: #f2f5f3; --card: #fff; --line: #d3dad6; --edge: #78837d; --main: #1a5f3c; --on-main: #fff; --danger: #a8201a; --on-danger: #fff; --notice: #fbeae9; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e7ece9; --dim: #a9b4ae; --page: #121614; --card: #1c2220; --line: #39423e; --edge: #84908a; --main: #7fd3a6; --on-main: #0c1f15; --danger: #ff9d95; --on-danger: #2b0806; --notice: #3a1d1b; }
}
* { box-sizing: border-box; }
body { font: 1.03rem/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 0; padding: 1.5rem 1rem 3rem; }
main { max-width: 32rem; margin: 0 auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.9rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
a { color: var(--main); }
label, dt { display: block; font-weight: 600; margin-top: 1.1rem; }
dd { margin: 0.15rem 0 0; }
.hint { margin: 0.1rem 0 0.4rem; font-size: 0.92rem; color: var(--dim); }
input { width: 100%; min-height: 2.9rem; padding: 0.6rem 0.75rem; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--edge); border-radius: 0.5rem; }
button { min-height: 2.9rem; margin: 1.25rem 0.5rem 0 0; padding: 0.6rem 1.3rem; font: inherit; font-weight: 600; color: var(--on-main); background: var(--main); border: 1px solid var(--main); border-radius: 0.5rem; cursor: pointer; }
button.plain { color: var(--text); background: none; border-color: var(--edge); }
button.danger { color: var(--on-danger); background: var(--danger); border-color: var(--danger); }
a.button { display: block; padding: 0.6rem 1.3rem; font-weight: 600; text-align: center; text-decoration: none; color: var(--text); border: 1px solid var(--edge); border-radius: 0.5rem; }
button.wide { width: 100%; margin-right: 0; }
:focus-visible { outline: 3px solid #2f80ed; outline-offset: 2px; }
.problem { padding: 0.7rem 1rem; border-left: 0.3rem solid var(--danger); background: var(--notice); border-radius: 0.3rem; }
.or { display: flex; align-items: center; gap: 0.75rem; margin: 1.5rem 0 0; color: var(--dim); }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.devices { list-style: none; padding: 0; margin: 0; }
.devices li { padding: 0.9rem 0; border-bottom: 1px solid var(--line); }
.devices li:last-child { border-bottom: 0; }
.devices button { margin-top: 0.6rem; min-height: 2.5rem; padding: 0.35rem 1rem; }
.codes { columns: 2; padding: 1rem; margin: 1rem 0; list-style: none; background: var(--page); border: 1px solid var(--line); border-radius: 0.5rem; }
.codes li { padding: 0.2rem 0; white-space: nowrap; }
@media (max-width: 27rem) { .codes { columns: 1; } }
label.choice { display: flex; align-items: center; gap: 0.6rem; font-weight: 400; }
label.choice input { width: 1.3rem; min-height: 1.3rem; }
code { overflow-wrap: anywhere; }
[hidden] { display: none; }
`;
