/** How a report looks. Fonts are those of the system; colours keep a contrast of 4.5 and more, and never say anything alone. */
export const reportStyle = `
:root {
  --page: #fff; --card: #f6f7f9; --line: #d5d9e0; --text: #1a1d23; --quiet: #585f6b; --link: #0a54b0;
  --good: #14662f; --good-back: #e0f3e6; --risk: #7a4b00; --risk-back: #fdefcf; --bad: #a3141c; --bad-back: #fde4e4;
  --rest: #4b5260; --rest-back: #e8ebf0;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14161b; --card: #1d2027; --line: #373c47; --text: #e9ebef; --quiet: #a3aab7; --link: #86b7ff;
    --good: #85dba0; --good-back: #16341f; --risk: #f5c563; --risk-back: #3a2c0d; --bad: #ff9d9d; --bad-back: #43191b;
    --rest: #bcc3cf; --rest-back: #2b303a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 3rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; overflow-wrap: break-word; }
h1, h2, h3, h4, p, ol, ul, dl, dd { margin: 0; }
h1 { font-size: 2.25rem; line-height: 1.15; }
h2 { font-size: 1.375rem; margin-bottom: .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.0625rem; margin: 1.5rem 0 .5rem; }
h2 + h3 { margin-top: 0; }
h4 { font-size: 1rem; }
h4 a { color: inherit; }
section { margin-top: 2.25rem; }
section > p + p { margin-top: .375rem; }
small, .about, .kind, dt { color: var(--quiet); font-size: .875rem; }
code { font: .875em ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
a { color: var(--link); overflow-wrap: anywhere; }
ol { padding-left: 1.5rem; }
li + li { margin-top: .375rem; }
.verdict { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; margin: 1rem 0; padding: .75rem 1rem;
  border-radius: .5rem; font-size: 1.25rem; }
.verdict b { font-variant-numeric: tabular-nums; }
header dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: .75rem; font-size: .8125rem; font-weight: 600; line-height: 1.5rem;
  white-space: nowrap; vertical-align: .0625rem; }
.role { font-weight: 600; }
.role::after { content: ":"; }
.ready, .pass, .better { --ink: var(--good); --back: var(--good-back); }
.ready-with-risks, .warn, .exempt, .new { --ink: var(--risk); --back: var(--risk-back); }
.not-ready, .fail, .unproven, .worse { --ink: var(--bad); --back: var(--bad-back); }
.skipped, .gone { --ink: var(--rest); --back: var(--rest-back); }
.badge, .verdict { color: var(--ink); background: var(--back); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .375rem .75rem .375rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: .875rem; font-weight: 500; vertical-align: bottom; }
.wide + .wide { margin-top: 1rem; }
.scores { margin-bottom: .75rem; font-size: 1.5rem; }
.cards { display: grid; gap: .625rem; }
article { padding: .625rem .875rem; background: var(--card); border-left: .25rem solid var(--ink); border-radius: .25rem; }
article > * + * { margin-top: .25rem; }
article dl { display: grid; gap: .125rem; }
article dl div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .75rem; }
article { min-width: 0; overflow-wrap: anywhere; }
article dd { min-width: 0; }
.evidence { padding-left: 1.25rem; }
.evidence li + li { margin-top: 0; }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
@media (max-width: 36rem) {
  body { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.75rem; }
  article dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print {
  @page { margin: 16mm 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  article, tr, li { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .wide { overflow: visible; }
}
`;
