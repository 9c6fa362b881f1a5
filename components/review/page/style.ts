// How the page looks: on a screen by day and by night, and on paper. Colours are never the only sign.

/** The page's style sheet. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de; --panel: #f6f8fa;
  --bad: #a40e26; --warn: #7a4b00; --good: #116329; --info: #0550ae; --badbg: #ffe3e6; --warnbg: #fff1d0; --goodbg: #d6f5de; --infobg: #ddf0ff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --paper: #0d1117; --line: #3d444d; --panel: #161b22;
  --bad: #ff9aa5; --warn: #f2c063; --good: #7ee2a0; --info: #8cc8ff; --badbg: #4a1119; --warnbg: #3f2e00; --goodbg: #0f3a1d; --infobg: #0c2d4d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; } ul { margin: .25rem 0; padding-left: 1.25rem; } .soft { color: var(--soft); }
.verdict { border-left: .5rem solid var(--line); background: var(--panel); padding: .75rem 1rem; margin: .5rem 0 1rem; font-size: 1.1rem; }
.verdict strong { font-size: 1.3rem; display: block; }
.refused, .failed, .will-fail { border-color: var(--bad); } .needs-care { border-color: var(--warn); } .fine { border-color: var(--good); }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line); } thead th { background: var(--panel); }
.cells { list-style: none; padding: 0; margin: .25rem 0 .75rem; display: flex; flex-wrap: wrap; gap: 3px; }
.cells li { position: relative; width: 1.5rem; height: 1.5rem; line-height: 1.4rem; text-align: center; font-size: .8rem; font-weight: 600; border: 1px solid var(--line); border-radius: 3px; background: var(--panel); color: var(--ink); }
.cells .bad, .key .bad { background: var(--badbg); border-color: var(--bad); color: var(--bad); } .cells .warn, .key .warn { background: var(--warnbg); border-color: var(--warn); color: var(--warn); }
.cells .good, .key .good { background: var(--goodbg); border-color: var(--good); color: var(--good); } .cells .info, .key .info { background: var(--infobg); border-color: var(--info); color: var(--info); }
.key { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; } .key b { display: inline-block; width: 1.5rem; text-align: center; border: 1px solid var(--line); border-radius: 3px; margin-right: .3rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
details { margin: .25rem 0; } summary { cursor: pointer; } .filter { margin: 1rem 0; } .filter input { font: inherit; padding: .3rem .5rem; width: min(24rem, 100%); color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; }
:focus-visible { outline: 3px solid var(--info); outline-offset: 1px; } [hidden] { display: none !important; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; } .filter { display: none; } tr, li { break-inside: avoid; } .cells li { print-color-adjust: exact; } }
`;
