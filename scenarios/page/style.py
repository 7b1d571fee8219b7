"""The style sheet of a report's page: light and dark by what the reader's system prefers."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --dim: #5f6871; --rule: #d9dde2; --tile: #f5f6f8;
  --good: #1a7f4b; --bad: #c4302b; --ok: #86c7a3; --alarm: #d9534f; --unknown: #cfd4da;
  --fault: #f3d9d8; --s0: #2f6fd0; --s1: #d9822b; --s2: #2b9a66; --s3: #8a5cc9; --s4: #1593a8;
  --s5: #b0447a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e4e7eb; --dim: #97a1ab; --rule: #333a42; --tile: #1d2126;
    --good: #58c58c; --bad: #ff7b72; --ok: #2e6b4b; --alarm: #d9534f; --unknown: #444c55;
    --fault: #3d2526; --s0: #7aa8f0; --s1: #f0a860; --s2: #63c998; --s3: #b793ec; --s4: #5cc4d6;
    --s5: #e183b0;
  }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 36px 0 12px; padding-bottom: 4px;
  border-bottom: 1px solid var(--rule); }
p { margin: 6px 0; max-width: 75ch; }
.dim { color: var(--dim); }
.good { color: var(--good); }
.bad { color: var(--bad); }
td .good, td .bad { white-space: nowrap; }
.verdict { font-weight: 600; }
code { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; margin: 8px 0;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--dim); }
th, td { padding: 3px 18px 3px 0; vertical-align: top; }
tr + tr { border-top: 1px solid var(--rule); }
dl { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 12px; }
dl div { background: var(--tile); border-radius: 6px; padding: 8px 14px; }
dt { color: var(--dim); font-size: 13px; }
dd { margin: 0; font-weight: 600; white-space: pre-wrap; }
figure { margin: 18px 0 26px; }
figcaption { margin-bottom: 4px; }
figcaption b { margin-right: 16px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--dim); font-size: 12px; }
svg .left { text-anchor: end; }
svg .mid { text-anchor: middle; }
.grid { stroke: var(--rule); fill: none; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.dot { fill: none; stroke-width: 5; stroke-linecap: round; }
path.limit { stroke: var(--bad); stroke-dasharray: 5 4; fill: none; }
rect.fault { fill: var(--fault); }
rect.OK { fill: var(--ok); }
rect.ALARM { fill: var(--alarm); }
rect.INSUFFICIENT_DATA { fill: var(--unknown); }
.key { margin-right: 14px; color: var(--dim); font-size: 13px; white-space: nowrap; }
.key i { display: inline-block; width: 11px; height: 11px; margin-right: 5px; border-radius: 2px; }
i.OK { background: var(--ok); }
i.ALARM { background: var(--alarm); }
i.INSUFFICIENT_DATA { background: var(--unknown); }
i.limit { background: none; height: 0; border-top: 2px dashed var(--bad); border-radius: 0;
  vertical-align: middle; }
path.s0 { stroke: var(--s0); } i.s0 { background: var(--s0); }
path.s1 { stroke: var(--s1); } i.s1 { background: var(--s1); }
path.s2 { stroke: var(--s2); } i.s2 { background: var(--s2); }
path.s3 { stroke: var(--s3); } i.s3 { background: var(--s3); }
path.s4 { stroke: var(--s4); } i.s4 { background: var(--s4); }
path.s5 { stroke: var(--s5); } i.s5 { background: var(--s5); }
summary { cursor: pointer; color: var(--dim); }
"""
