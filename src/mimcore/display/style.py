"""The style sheets of what mimcore shows: one for fragments in a notebook, one for a whole page.

Fragments take the text colour of their host and neutral lines, so that they suit light and dark notebooks alike.
The page sets its own colours for screens in light and dark, and for paper. Charts bring their colours themselves.
"""

from __future__ import annotations

__all__ = ["FRAGMENT_CSS", "PAGE_CSS", "fragment"]

FRAGMENT_CSS = """
.mim-scroll{overflow-x:auto;max-width:100%;margin:.5rem 0}
.mim-table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0;text-align:left}
.mim-table caption{caption-side:top;text-align:left;font-weight:600;padding:0 0 .4rem;color:inherit}
.mim-table th,.mim-table td{padding:.3rem .7rem;border:0;border-bottom:1px solid rgba(128,128,128,.35);
vertical-align:top;max-width:24rem;overflow-wrap:break-word}
.mim-table th{border-bottom:2px solid rgba(128,128,128,.7);font-weight:600;vertical-align:bottom}
.mim-table th:first-child,.mim-table td:first-child{padding-left:0}
.mim-table .mim-left{text-align:left}
.mim-table .mim-right{text-align:right;white-space:nowrap}
.mim-table .mim-center{text-align:center}
.mim-table .mim-brief{white-space:nowrap}
.mim-caption{font-size:.875em;opacity:.8;margin:.25rem 0 .75rem}
.mim-tree,.mim-tree ul{list-style:none;margin:0;padding:0}
.mim-tree ul{margin-left:.45rem;padding-left:1.1rem;border-left:1px solid rgba(128,128,128,.5)}
.mim-tree li{margin:.2rem 0;overflow-wrap:anywhere}
.mim-tree summary{cursor:pointer}
.mim-mark{display:inline-block;min-width:1.3em;font-weight:700}
.mim-figure{margin:.5rem 0;max-width:30rem}
.mim-figure figcaption{font-weight:600;margin:0 0 .4rem}
.mim-chart{display:block;width:100%;max-width:30rem;height:auto}
"""
"""For tables, trees and charts wherever they stand."""

PAGE_CSS = """
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f23;--soft:#57606a;--line:#d0d7de;--panel:#f4f6f8;--link:#0a5a9c}
@media (prefers-color-scheme:dark){
:root{--page:#14171a;--ink:#e6e8ea;--soft:#a3abb3;--line:#3a4149;--panel:#1e2328;--link:#7cc0f5}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:break-word}
.mim-page{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.35rem;line-height:1.25;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.1rem;line-height:1.3;margin:1.75rem 0 .5rem}
p{margin:.5rem 0;max-width:42rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.mim-subtitle{color:var(--soft);font-size:1.05rem}
.mim-contents{margin:1.25rem 0;padding:.75rem 1rem;background:var(--panel);border-radius:.4rem}
.mim-contents h2{font-size:1rem;margin:0;padding:0;border:0}
.mim-contents ol{margin:.25rem 0 0;padding-left:1.5rem}
.mim-figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0}
.mim-number{margin:0;padding:.75rem .9rem;border:1px solid var(--line);border-radius:.4rem;
display:flex;flex-direction:column}
.mim-number dd{margin:0}
.mim-number dt{order:1;font-weight:600;line-height:1.3}
.mim-number .mim-value{font-size:1.75rem;line-height:1.2;font-weight:700;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
.mim-number .mim-long{font-size:1.25rem;line-height:1.4}
.mim-number .mim-remark{order:2;color:var(--soft);font-size:.875rem;line-height:1.4;margin-top:.2rem}
.mim-code{overflow-x:auto;max-width:100%;margin:.75rem 0;padding:.6rem .8rem;background:var(--panel);
border-left:3px solid var(--link);border-radius:.2rem;font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,
"DejaVu Sans Mono",monospace}
.mim-code code{font:inherit}
.mim-note{margin:.75rem 0;padding:.5rem .9rem;border-left:3px solid var(--line);color:var(--soft);max-width:42rem}
.mim-figure,.mim-scroll{margin:1rem 0}
.mim-caption{opacity:1;color:var(--soft)}
@media (max-width:30rem){
.mim-figures{grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr))}
.mim-number .mim-value{font-size:1.45rem}
.mim-number .mim-long{font-size:1.15rem}}
@page{margin:18mm 16mm}
@media print{
:root{color-scheme:light;--page:#fff;--ink:#000;--soft:#444;--line:#bbb;--panel:#fff;--link:#000}
body{font-size:10pt}
.mim-page{max-width:none;padding:0}
.mim-scroll,.mim-code{overflow:visible}
.mim-table{font-size:8.5pt}
.mim-table th,.mim-table td{max-width:5cm;padding:.2rem .4rem}
.mim-figure,.mim-chart{max-width:11.5cm}
.mim-code{white-space:pre-wrap;border:1px solid var(--line)}
.mim-contents{border:1px solid var(--line)}
h2,h3,figcaption,caption,thead{break-after:avoid}
tbody tr:first-child{break-before:avoid}
.mim-figure,.mim-number,.mim-code,.mim-note,.mim-contents,tr{break-inside:avoid}
thead{display:table-header-group}
a{text-decoration:none}}
"""
"""For a page of its own, after the fragments' rules."""


def fragment(markup: str) -> str:
    """Return markup with the style of fragments before it, ready for a notebook.

    Args:
        markup: What the display room wrote.

    Examples:
        >>> fragment("<p>hello</p>").endswith("</style><p>hello</p>")
        True
    """
    return f"<style>{FRAGMENT_CSS}</style>{markup}"
