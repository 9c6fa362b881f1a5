// How the page looks: on a screen by day and by night, and on paper. Colours are never the only sign.

/** The page's style sheet. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de; --panel: #f6f8fa;
  --bad: #a40e26; --warn: #7a4b00; --good: #116329; --info: #0550ae; --badbg: #ffe3e6; --warnbg: #fff1d0; --goodbg: #d6f5de; --infobg: #ddf0ff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --paper: #0d1117; --line: #3d444d; --panel: #161b22;
  --bad: #ff9aa5; --warn: #f2c063; --good: #7ee2a0; --info: #8cc8ff; --badbg: #4a1119; --warnbg: #3f2e00; --goodbg: #0f3a1d; --infobg: #0c2d4d; } }
* { box-sizing: border-box; } html { scroll-padding-top: 4rem; }
body { margin: 0 auto; padding: 0 1.5rem 1.5rem; max-width: 70rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 1rem 0 .75rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0; } ul { margin: .25rem 0; padding-left: 1.25rem; } .soft { color: var(--soft); } code { background: var(--panel); border: 1px solid var(--line); border-radius: 3px; padding: 0 .25rem; }
.panel { border: 1px solid var(--line); border-left: .6rem solid var(--soft); border-radius: 6px; background: var(--panel); padding: .75rem 1rem 1rem; margin: .5rem 0 1rem; font-size: 1.1rem; }
.panel strong { font-size: 1.6rem; line-height: 1.3; display: block; }
.refused, .failed, .will-fail { border-left-color: var(--bad); } .refused strong, .failed strong, .will-fail strong { color: var(--bad); }
.needs-care { border-left-color: var(--warn); } .needs-care strong { color: var(--warn); } .fine { border-left-color: var(--good); } .fine strong { color: var(--good); }
.tallies { list-style: none; padding: 0; margin: .5rem 0 0; display: flex; flex-wrap: wrap; gap: .4rem; } .tallies li { border: 1px solid var(--soft); border-radius: 1rem; padding: 0 .7rem; font-weight: 600; font-size: 1rem; }
.concern { border-left: .25rem solid var(--line); padding-left: .75rem; margin: .75rem 0; } .concern h2 { margin: 0; font-size: 1rem; }
.concern.bad { border-color: var(--bad); } .concern.bad h2 { color: var(--bad); } .concern.warn { border-color: var(--warn); } .concern.warn h2 { color: var(--warn); } .concern.info { border-color: var(--info); } .concern.info h2 { color: var(--info); }
table { border-collapse: collapse; width: 100%; margin: .25rem 0; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line); } thead th { background: var(--panel); } tbody th { font-weight: 500; }
.rows { display: grid; grid-template-columns: max-content 1fr; gap: .4rem .75rem; } .rows p { margin: 0; font-size: .9rem; line-height: 1.5rem; }
.cells { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 3px; align-content: start; }
.cells li { position: relative; min-width: 1.5rem; height: 1.5rem; line-height: 1.4rem; padding: 0 .3rem; text-align: center; font-size: .8rem; border: 1px solid var(--line); border-radius: 3px; background: var(--panel); color: var(--ink); }
.cells .bad, .key .bad { background: var(--badbg); border-color: var(--bad); color: var(--bad); } .cells .warn, .key .warn { background: var(--warnbg); border-color: var(--warn); color: var(--warn); }
.cells .good, .key .good { background: var(--goodbg); border-color: var(--good); color: var(--good); } .cells .info, .key .info { background: var(--infobg); border-color: var(--info); color: var(--info); }
.key { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .9rem; } .key b { display: inline-block; width: 1.5rem; text-align: center; border: 1px solid var(--line); border-radius: 3px; margin-right: .3rem; }
.bar rect { fill: var(--info); } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
details { margin: .25rem 0; } .table { margin-top: 1.25rem; } summary { cursor: pointer; } .table > summary { font-weight: 600; font-size: 1.1rem; }
.filter { position: sticky; top: 0; z-index: 1; margin: 0 -1.5rem; padding: .5rem 1.5rem; background: var(--paper); border-bottom: 1px solid var(--line); font-size: .9rem; } .filter input { font: inherit; padding: .2rem .5rem; width: min(18rem, 100%); color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; } footer h2 { font-size: 1rem; margin: .75rem 0 .25rem; }
:focus-visible { outline: 3px solid var(--info); outline-offset: 1px; } [hidden] { display: none !important; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; } .filter { display: none; } tr, li { break-inside: avoid; } .cells li { print-color-adjust: exact; } details::details-content { content-visibility: visible; block-size: auto; } }
`;
