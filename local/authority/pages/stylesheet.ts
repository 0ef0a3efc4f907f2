import { html } from "../../../src/core/html.ts";

/** The look of the authority's pages, inlined into each. */
export const stylesheet = html`
:root {
  --page: #f2f4f8; --card: #fff; --text: #1b2230; --muted: #5a6579; --line: #dde2ea;
  --hover: #f3f6fd; --accent: #2457d6; --badge: #e6edff; --badge-text: #1d47b3; --danger: #b3261e;
  --danger-soft: #fdecea; --shadow: 0 1px 2px rgb(20 30 60 / .06), 0 12px 32px rgb(20 30 60 / .10);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1319; --card: #181d26; --text: #e8ecf4; --muted: #9aa6ba; --line: #2c3442;
    --hover: #202735; --accent: #8db0ff; --badge: #24345c; --badge-text: #bcd0ff; --danger: #ffb4ab;
    --danger-soft: #3b1c1c; --shadow: 0 1px 2px rgb(0 0 0 / .4), 0 12px 32px rgb(0 0 0 / .35);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 24px 16px; display: flex;
  flex-direction: column; align-items: center; justify-content: center; gap: 20px;
  background: var(--page); color: var(--text); line-height: 1.5; -webkit-text-size-adjust: 100%;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main {
  width: 100%; max-width: 440px; padding: 32px; background: var(--card); border-radius: 16px;
  border: 1px solid var(--line); box-shadow: var(--shadow);
}
h1 { margin: 0; font-size: 22px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 28px 0 10px; font-size: 15px; font-weight: 600; }
p { margin: 0; }
strong { font-weight: 600; }
.server { display: flex; align-items: center; gap: 14px; margin-bottom: 20px; }
.mark { flex: none; width: 44px; height: 44px; border-radius: 12px; color: #fff; background: #2457d6; }
.mark-failed { color: var(--danger); background: var(--danger-soft); }
.request, .reason { overflow-wrap: anywhere; }
.scopes { list-style: none; margin: 12px 0 0; padding: 0; }
.scopes li { position: relative; padding-left: 26px; margin-top: 4px; }
.scopes li::before {
  content: ""; position: absolute; left: 5px; top: .42em; width: 5px; height: 10px;
  border: solid var(--accent); border-width: 0 2px 2px 0; transform: rotate(42deg);
}
.note { margin-top: 12px; color: var(--muted); font-size: 14px; overflow-wrap: anywhere; }
code { font-family: ui-monospace, Consolas, Menlo, monospace; font-size: 13px; color: var(--text); }
.account {
  display: flex; align-items: center; gap: 14px; width: 100%; margin-top: 8px; padding: 12px 14px;
  font: inherit; color: inherit; text-align: left; cursor: pointer; background: transparent;
  border: 1px solid var(--line); border-radius: 12px; transition: background .12s, border-color .12s;
}
.account:hover { background: var(--hover); border-color: var(--accent); }
.avatar {
  flex: none; display: grid; place-items: center; width: 42px; height: 42px; border-radius: 50%;
  color: #fff; font-size: 15px; font-weight: 600; letter-spacing: .02em; background: #5b4bb7;
}
.account:nth-of-type(3n + 2) .avatar { background: #0f766e; }
.account:nth-of-type(3n) .avatar { background: #b4472c; }
.person { flex: 1; min-width: 0; }
.name {
  display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; font-weight: 600;
  line-height: 1.35;
}
.username { display: block; color: var(--muted); font-size: 14px; overflow-wrap: anywhere; }
.badge {
  padding: 1px 9px; border-radius: 99px; font-size: 12px; line-height: 1.5; font-weight: 600;
  background: var(--badge); color: var(--badge-text);
}
label { display: block; margin-top: 16px; font-size: 14px; font-weight: 600; }
.code {
  width: 100%; margin-top: 6px; padding: 12px 14px; font: 600 20px/1.4 ui-monospace, Consolas, monospace;
  letter-spacing: .12em; text-transform: uppercase; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 12px;
}
.cancel {
  display: block; margin: 16px auto -10px; padding: 8px 20px; font: inherit; font-size: 15px;
  color: var(--muted); background: none; border: 0; border-radius: 8px; cursor: pointer;
}
.cancel:hover { color: var(--text); background: var(--hover); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl {
  display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 20px 0 0; padding-top: 16px;
  border-top: 1px solid var(--line); font-size: 13px; color: var(--muted);
}
dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, Consolas, Menlo, monospace; }
footer {
  max-width: 400px; color: var(--muted); font-size: 13px; text-align: center; text-wrap: balance;
}
@media (max-width: 480px) {
  body { justify-content: flex-start; padding: 12px; }
  main { padding: 24px 18px; }
}
@media (prefers-reduced-motion: reduce) { .account { transition: none; } }
`;
