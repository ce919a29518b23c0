/** How the page looks. Fonts are those of the system; a state is always told by a word and a shape, never by its colour alone. */
export function statusStyle(colour: string | null): string {
  return `
:root {
  --page: #fbfaf7; --card: #fff; --line: #dcd9d0; --text: #1b1c1e; --quiet: #5d5f64; --mark: ${colour ?? '#2f5d50'};
  --operational: #2e7d4f; --degraded: #9a6b00; --partial: #b3480c; --major: #ab1f2d; --work: #2f5fa8; --none: #cfcbc0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --line: #353a41; --text: #eceae4; --quiet: #a5a8ae; --mark: ${colour === null ? '#8fd0bb' : `color-mix(in srgb, ${colour} 45%, #fff)`};
    --operational: #6fcf97; --degraded: #e7bd5a; --partial: #f2955c; --major: #ff8f96; --work: #8fb7ff; --none: #454a52;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.25rem 3rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, ol, ul, dl, dd { margin: 0; padding: 0; }
ol, ul { list-style: none; }
a { color: inherit; text-underline-offset: .2em; }
a:focus-visible, summary:focus-visible { outline: .1875rem solid var(--mark); outline-offset: .1875rem; border-radius: .125rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .5rem 1.5rem;
  padding-bottom: 1rem; border-bottom: .1875rem solid var(--mark); }
h1 { font-size: 1.5rem; letter-spacing: -.01em; }
h1 a { text-decoration: none; }
h2 { font-size: 1.125rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; }
.overall { display: flex; align-items: center; gap: .75rem; margin: 1.75rem 0 .25rem; font-size: 1.75rem; line-height: 1.25; font-weight: 650; }
.overall .mark { width: 1.75rem; height: 1.75rem; }
.quiet, time { color: var(--quiet); font-size: .875rem; }
.mark { flex: none; width: 1rem; height: 1rem; }
.operational { color: var(--operational); } .degraded_performance { color: var(--degraded); } .partial_outage { color: var(--partial); }
.major_outage { color: var(--major); } .under_maintenance { color: var(--work); } .none { color: var(--none); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.card > li { padding: .875rem 1rem; border-top: 1px solid var(--line); }
.card > li:first-child { border-top: 0; }
.line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .125rem 1rem; align-items: baseline; }
.state { display: inline-flex; align-items: center; gap: .375rem; font-size: .9375rem; font-weight: 600; white-space: nowrap; }
.bars { display: flex; gap: 1px; height: 1.75rem; margin: .625rem 0 .25rem; }
.bars i { flex: 1 1 0; min-width: 1px; background: currentColor; border-radius: 1px; }
.bars i.partial_outage, .bars i.degraded_performance { clip-path: inset(20% 0 0 0); }
.bars i.none { clip-path: inset(70% 0 0 0); }
.under { display: flex; justify-content: space-between; gap: .5rem; color: var(--quiet); font-size: .8125rem; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.group { margin: 1.25rem 0 .5rem; color: var(--quiet); font-size: .9375rem; font-weight: 600; }
.post { padding: 1rem; margin-bottom: .75rem; border-left: .25rem solid currentColor; }
.post > * { color: var(--text); }
.post .of { color: var(--quiet); font-size: .875rem; }
.work { margin-bottom: .75rem; }
.work .state.none span { color: var(--quiet); }
.post ol, .work ol { margin-top: .625rem; display: grid; gap: .625rem; }
.post time { color: var(--quiet); }
.post p, .work ol p { white-space: pre-line; }
form { display: grid; gap: .75rem; justify-items: start; }
.subscribe { padding: 1rem; }
form label, form legend { font-size: .9375rem; }
form legend { padding: 0; }
form fieldset { margin: 0; padding: 0; border: 0; display: grid; gap: .25rem; }
form fieldset label { display: flex; gap: .5rem; align-items: baseline; }
form .choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: .25rem 1rem; padding-left: 1.5rem; justify-self: stretch; }
form:not(:has([value="some"]:checked)) .choices { display: none; }
input[type="email"] { font: inherit; padding: .5rem .625rem; width: min(24rem, 100%); color: inherit; background: var(--page);
  border: 1px solid var(--quiet); border-radius: .375rem; }
input[type="radio"], input[type="checkbox"] { accent-color: var(--mark); }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; color: var(--card); background: var(--mark); border: 0; border-radius: .375rem; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: .1875rem solid var(--mark); outline-offset: .1875rem; }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem;
  display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 36rem) {
  body { padding: 1.25rem 1rem 2rem; }
  .overall { font-size: 1.375rem; }
  .bars i:nth-child(-n+45), .ago { display: none; }
}
@media print { body { max-width: none; } .card, .post { break-inside: avoid; } }
`;
}
