"""The look of the page."""

CSS = """
:root { --ink:#1c2434; --faint:#6b778c; --line:#e4e8ef; --back:#f5f7fa; --good:#12925a; --bad:#d2353f; }
* { box-sizing:border-box; }
body { margin:0; background:var(--back); color:var(--ink);
  font:14px/1.45 Inter,"Segoe UI",system-ui,-apple-system,"Helvetica Neue",Arial,sans-serif;
  font-variant-numeric:tabular-nums; }
main { max-width:1240px; margin:0 auto; padding:28px 24px 48px; }
header h1 { margin:0; font-size:24px; letter-spacing:-.01em; }
header p { margin:4px 0 20px; color:var(--faint); }
section { background:#fff; border:1px solid var(--line); border-radius:10px; padding:16px 20px;
  margin:0 0 16px; }
h2 { margin:0 0 10px; font-size:14px; font-weight:600; }
.cards { display:grid; grid-template-columns:repeat(auto-fit,minmax(128px,1fr)); gap:12px;
  background:none; border:0; padding:0; }
.card { background:#fff; border:1px solid var(--line); border-radius:10px; padding:12px 14px; }
.card span { display:block; color:var(--faint); font-size:12px; }
.card strong { display:block; margin-top:2px; font-size:20px; font-weight:600; letter-spacing:-.01em;
  white-space:nowrap; }
.card small { color:var(--faint); font-size:12px; }
.good { color:var(--good); } .bad { color:var(--bad); }
.warnings { background:#fff8e8; border-color:#f2dca6; padding:10px 20px; }
.warnings ul { margin:0; padding:0; list-style:none; }
.warnings b { color:#8a5a00; margin-right:6px; }
.chart { padding:8px 8px 0; }
.wide { overflow-x:auto; }
table { border-collapse:collapse; width:100%; }
th { font-weight:500; color:var(--faint); text-align:left; white-space:nowrap; }
td { white-space:nowrap; }
.months { table-layout:fixed; min-width:820px; border-collapse:separate; border-spacing:2px; }
.months th { text-align:center; font-size:12px; padding:2px; }
.months td { text-align:center; padding:6px 2px; border-radius:4px; font-size:13px; }
.months .total { font-weight:600; }
.columns { display:grid; grid-template-columns:minmax(280px,5fr) 8fr; gap:16px; align-items:start; }
.columns > div { min-width:0; }
.pairs td { text-align:right; } .pairs th, .pairs td, .listed th, .listed td { padding:5px 0; }
.pairs tr + tr > *, .listed tbody tr > * { border-top:1px solid var(--line); }
.listed th, .listed td { text-align:right; padding-left:14px; }
.listed th:first-child, .listed td:first-child { text-align:left; padding-left:0; }
.none { color:var(--faint); margin:0; }
.settings { display:flex; flex-wrap:wrap; gap:6px 22px; }
.settings .long { flex-basis:100%; }
.settings span { color:var(--faint); }
code { font:13px ui-monospace,"SF Mono",Menlo,Consolas,monospace; }
@media (max-width:820px) { .columns { grid-template-columns:minmax(0,1fr); } main { padding:16px 12px; } }
@media print { body { background:#fff; } section, .card { break-inside:avoid; } }
"""
