import { html } from "../../core/html.ts";

/**
 * The look of the gateway's pages, which each of them holds: nothing is loaded. No button can be pressed in
 * the half second after the pointer has come over the page: else the second click of a double click, whose
 * first has closed a window above, would press what was beneath. Keys and fingers do not have to wait.
 *
 * @see https://www.paulosyibelo.com/2024/12/doubleclickjacking-what.html
 */
export const stylesheet = html`
:root {
  color-scheme: light dark;
  --page: #f2f4f8; --card: #fff; --text: #1b2230; --muted: #566075; --line: #d5dbe5; --soft: #f4f6fa;
  --accent: #1f4fc4; --accent-hover: #183f9e; --on-accent: #fff;
  --warning: #6b4400; --warning-soft: #fff4dc; --warning-line: #e2b34c;
  --danger: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1319; --card: #181d26; --text: #e8ecf4; --muted: #a3aec1; --line: #384252; --soft: #202735;
    --accent: #8db0ff; --accent-hover: #b3caff; --on-accent: #0d1a38;
    --warning: #ffd88a; --warning-soft: #33270f; --warning-line: #8a6a22;
    --danger: #ffb4ab;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 24px 16px; display: flex;
  flex-direction: column; align-items: center; justify-content: center; gap: 20px;
  background: var(--page); color: var(--text); -webkit-text-size-adjust: 100%;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main {
  width: 100%; max-width: 480px; padding: 32px; background: var(--card);
  border: 1px solid var(--line); border-radius: 16px; overflow-wrap: anywhere;
}
h1 { margin: 0 0 16px; font-size: 22px; line-height: 1.3; font-weight: 650; }
h2 { margin: 24px 0 6px; font-size: 15px; font-weight: 600; }
p, ul { margin: 0 0 12px; }
ul { padding-left: 22px; }
strong { font-weight: 600; }
code { font-family: ui-monospace, Consolas, Menlo, monospace; font-size: 14px; }
a { color: var(--accent); }
dl { margin: 0 0 16px; padding: 4px 16px; background: var(--soft); border-radius: 12px; }
dt { margin-top: 10px; color: var(--muted); font-size: 14px; }
dd { margin: 0 0 10px; }
.note { color: var(--muted); font-size: 14px; }
.warning {
  padding: 12px 14px; color: var(--warning); background: var(--warning-soft);
  border: 1px solid var(--warning-line); border-radius: 12px; font-size: 15px;
}
form + .note { margin-top: 12px; }
.notice {
  padding: 12px 14px; background: var(--soft); border: 1px solid var(--line); border-radius: 12px;
}
.actions { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
button {
  flex: 1 1 140px; min-height: 48px; padding: 10px 18px; font: inherit; font-weight: 600;
  color: var(--text); background: transparent; border: 1px solid var(--muted); border-radius: 10px;
  cursor: pointer;
}
button:hover { background: var(--soft); }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button.primary:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
button.danger { color: var(--danger); border-color: var(--danger); }
@media (hover: hover) { main:hover button { animation: pointer-has-come 0.5s; } }
@keyframes pointer-has-come { from, to { pointer-events: none; } }
a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.entries { list-style: none; padding: 0; }
.entries h2 { margin-top: 0; }
.entries > li { padding: 16px 0; border-top: 1px solid var(--line); }
@media (max-width: 480px) {
  body { justify-content: flex-start; padding: 12px; }
  main { padding: 24px 18px; }
}
`;
