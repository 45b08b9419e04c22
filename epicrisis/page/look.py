"""How the page looks: colours of entity types, its style sheet, its script. All of it stands in the page itself."""

import colorsys
from functools import cache
from zlib import crc32

HUES = (2, 26, 45, 72, 120, 165, 192, 214, 243, 272, 300, 332)
"""Degrees; closer together where the eye tells more colours apart."""
LINES = ("solid", "dashed", "dotted")
DOUBTED = ("negated", "uncertain", "hypothetical")
"""Assertions that the words themselves show: struck out, or hatched."""
LAYERS = 8
"""Underlines below one another; a mention under more than these is in the table only."""

Colour = tuple[float, float, float]


class Looks:
    """Types -> numbers and CSS classes: a hue and, when all hues are taken, another kind of line.

    A type's name chooses its hue; if another type of the page has it already, the next free one is taken.
    """

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self._classes: dict[str, str] = {}
        self._taken: set[int] = set()

    def classes(self, type_: str) -> str:
        if type_ not in self._classes:
            number = len(self.number)
            round_ = number // len(HUES)
            if number % len(HUES) == 0:
                self._taken.clear()
            wanted = crc32(type_.encode("utf-8"))
            # steps of 5 visit every hue, and the next one tried looks different
            seats = ((wanted + 5 * step) % len(HUES) for step in range(len(HUES)))
            hue = next(seat for seat in seats if seat not in self._taken)
            self._taken.add(hue)
            self.number[type_] = number
            self._classes[type_] = f"t{number} h{hue}" + (f" s{round_ % len(LINES)}" if round_ % len(LINES) else "")
        return self._classes[type_]


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours(hue: int, *, dark: bool) -> tuple[Colour, Colour]:
    """(ink, tint): of the line and label, and of what lies behind the words; at least 5.5 to 1 apart."""
    angle = HUES[hue] / 360
    lightness, step = (0.60, 0.01) if dark else (0.45, -0.01)
    tint = colorsys.hls_to_rgb(angle, 0.17, 0.40) if dark else colorsys.hls_to_rgb(angle, 0.93, 0.75)
    while contrast(ink := colorsys.hls_to_rgb(angle, lightness, 0.75), tint) < 5.5:
        lightness += step
    return ink, tint


@cache
def style() -> str:
    palettes = [_palette(dark=False), "@media screen and (prefers-color-scheme:dark){" + _palette(dark=True) + "}"]
    layers = [f".l{layer}{{padding-bottom:{4 * layer + 1}px}}" for layer in range(LAYERS)]
    lines = [f".s{number}{{border-bottom-style:{line}}}" for number, line in enumerate(LINES)]
    lanes = [f".bars .lanes{number}{{height:{1.4 * number + 0.6:.1f}rem}}" for number in range(1, 10)]
    return STYLE + "".join(palettes + layers + lines + lanes)


def _palette(*, dark: bool) -> str:
    rules = []
    for hue in range(len(HUES)):
        ink, tint = (_hex(colour) for colour in colours(hue, dark=dark))
        rules.append(f".h{hue}{{--ink:{ink};--tint:{tint}}}")
    return "".join(rules)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


STYLE = """
:root{color-scheme:light dark;--text:#1b1f24;--quiet:#57606a;--page:#f4f5f7;--card:#fff;--rule:#d5d9df;--accent:#0b57d0}
@media screen and (prefers-color-scheme:dark){:root{--text:#e6e8eb;--quiet:#a3abb5;--page:#14171b;--card:#1c2026;
--rule:#363c45;--accent:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",
"Noto Sans","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC","Segoe UI Symbol",
"Apple Symbols","Noto Sans Symbols 2",sans-serif;
display:grid;grid-template-columns:15rem minmax(0,1fr);grid-template-areas:"head head" "aside main";
gap:0 2rem;padding:0 2rem 3rem;max-width:92rem;margin:0 auto}
header{grid-area:head;padding:1.5rem 0 1rem}
main{grid-area:main}
aside{grid-area:aside;align-self:start;position:sticky;top:1rem;max-height:calc(100vh - 2rem);overflow:auto}
h1{font-size:1.6rem;line-height:1.25;margin:0}
h2{font-size:1.2rem;margin:0 0 .25rem;overflow-wrap:anywhere}
em{font-style:normal;font-weight:650;text-emphasis:filled dot var(--text);text-emphasis-position:over right;
scroll-margin-top:5rem}
.plain{--ink:var(--quiet);--tint:transparent}
.sentence{background:color-mix(in srgb,var(--tint) 55%,transparent);scroll-margin-top:5rem}
em:target,.sentence:target{outline:3px solid var(--accent);outline-offset:1px}
.turn,.share{display:inline-block}
.turn::before,.share::after{font-size:.6875rem;white-space:nowrap;unicode-bidi:isolate;direction:ltr;
text-emphasis:none}
.turn::before{content:attr(data-turn) "\\2060";color:var(--ink);font-weight:650;
border-inline-start:3px solid var(--ink);padding-inline-start:.3em;margin-inline-end:.4em;vertical-align:.15em}
.share::after{content:"\\2060" attr(data-share);color:var(--quiet);font-weight:400;margin:0 .3em;vertical-align:.45em}
.bars{display:flex;gap:.5rem;max-width:75rem;margin:.25rem 0 .5rem}
.bars .lanes{display:grid;grid-auto-rows:1fr;font-size:.75rem;color:var(--quiet);text-align:end;flex:none;
max-width:10rem}
.bars .lanes span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;align-self:end}
.bars svg{flex:1;min-width:0;border-bottom:1px solid var(--rule)}
.bars path{stroke:var(--rule);vector-effect:non-scaling-stroke}
.bars rect,.bars circle{fill:var(--ink);stroke:var(--ink);vector-effect:non-scaling-stroke}
.bars circle.weak{fill:var(--card)}
.bars .line{fill:none;stroke:var(--quiet)}
.bars.days .lanes{grid-auto-rows:auto;align-content:space-between}
.bars.days svg{border:0;height:auto}
.wide{grid-column:1/-1}
h3{font-size:.95rem;margin:1.25rem 0 .5rem}
aside h2{font-size:.95rem;margin:0 0 .5rem}
aside nav{margin-top:1.5rem}
aside ul,.facts ul{list-style:none;margin:0;padding:0}
a{color:var(--accent)}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:3}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.quiet{color:var(--quiet);font-size:.875rem;margin:0}
article{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:1.25rem 1.5rem;margin:0 0 1.5rem;
content-visibility:auto;contain-intrinsic-size:auto 50rem}
.note{position:relative;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;tab-size:4;
font-size:1.0625rem;max-width:75rem;
margin:1rem 0;line-height:1.9}
.deep1{line-height:2.3}.deep2{line-height:3}
mark{color:inherit;background:var(--tint) content-box;border-bottom:2px solid var(--ink);border-radius:3px 3px 0 0;
-webkit-box-decoration-break:clone;box-decoration-break:clone}
mark.negated{text-decoration:line-through 1px var(--ink)}
mark.uncertain,mark.hypothetical{background-image:
repeating-linear-gradient(135deg,transparent 0 4px,var(--card) 4px 6px)}
mark{scroll-margin-top:5rem}
mark:target{outline:3px solid var(--accent);outline-offset:1px}
mark:focus-visible::before{content:attr(title);position:absolute;left:0;margin-top:-2.4em;z-index:2;width:max-content;
max-width:100%;padding:.3rem .6rem;border-radius:6px;background:var(--text);color:var(--card);font-size:.8125rem;
line-height:1.4;white-space:pre-line;unicode-bidi:isolate;direction:ltr}
.gap{border-bottom:2px dotted var(--ink)}
.tag::after{content:"\\2060" attr(data-tag);color:var(--ink);font-size:.6875rem;font-weight:650;letter-spacing:.01em;
margin:0 .3em;vertical-align:.15em;white-space:nowrap;unicode-bidi:isolate;direction:ltr}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:start;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--rule)}
th{color:var(--quiet);font-weight:600}
td{overflow-wrap:break-word}
.words{overflow-wrap:anywhere}
.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.swatch{display:inline-block;width:1.15rem;height:.95rem;margin-inline-end:.5rem;vertical-align:-.1rem;flex:none;
background:var(--tint);border-bottom:3px solid var(--ink);border-radius:3px 3px 0 0}
summary{cursor:pointer;font-weight:600;font-size:.95rem}
dl{display:flex;flex-wrap:wrap;gap:.15rem 1.5rem;margin:.5rem 0 0;font-size:.9rem}
dl div{display:flex;gap:.4rem}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
#types button{display:flex;align-items:center;width:100%;font:inherit;color:inherit;text-align:start;background:none;
border:0;border-radius:6px;padding:.3rem .4rem;overflow-wrap:anywhere}
#types button:enabled{cursor:pointer}
#types button:enabled:hover{background:var(--card)}
#types [aria-pressed=false]{color:var(--quiet);text-decoration:line-through}
#types [aria-pressed=false] .swatch{visibility:hidden}
#types .number{margin-inline-start:auto;padding-inline-start:.75rem}
.hint{display:none}
.live .hint{display:block}
.arcs{font:inherit;color:inherit;background:none;border:1px solid var(--rule);border-radius:6px;padding:.1rem .5rem;
cursor:pointer}
.arcs[aria-pressed=true]{border-color:var(--accent)}
.note.arced{line-height:3.4}
svg.drawn{position:absolute;inset:0;width:100%;height:100%;overflow:visible;pointer-events:none;z-index:1}
.drawn path{fill:none;stroke:var(--accent);stroke-width:1.5;opacity:.8}
.drawn text{fill:var(--accent);font-size:.7rem;font-weight:600;text-anchor:middle;paint-order:stroke;stroke:var(--card);
stroke-width:3px}
@media (max-width:60rem){body{display:flex;flex-direction:column;padding:0 1rem 2rem}
aside{order:1;position:static;max-height:none;align-self:stretch;margin-bottom:1rem}main{order:2}
#types{display:flex;flex-wrap:wrap;gap:0 1rem}aside nav{display:none}}
@media print{body{display:block;background:none;padding:0;font-size:11pt}aside{position:static;max-height:none}
aside nav,.skip,.hint{display:none!important}
article{border:0;padding:0;content-visibility:visible}h2,h3,summary{break-after:avoid}tr,li{break-inside:avoid}
mark,.swatch,.sentence,rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{color:inherit;text-decoration:none}}
"""

SCRIPT = """
(() => {
  const sheet = document.styleSheets[0];
  document.getElementById("types").parentElement.classList.add("live");
  for (const button of document.querySelectorAll("#types button")) {
    const type = ".t" + button.dataset.type;
    const rules = [
      `mark${type},.gap${type}{background:none;border-color:transparent}`,
      `.tag${type}{display:none}`,
      `tr${type}{display:none}`,
    ];
    button.disabled = false;
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!shown));
      if (shown) {
        for (const rule of rules) sheet.insertRule(rule, sheet.cssRules.length);
      } else {
        for (let i = sheet.cssRules.length - 1; i >= 0; i--) {
          const selector = sheet.cssRules[i].selectorText || "";
          if (selector.split(/[ ,]+/).some(part => part.endsWith(type))) sheet.deleteRule(i);
        }
      }
    });
  }
  for (const article of document.querySelectorAll("article")) {
    const note = article.querySelector(".note"), relations = [...article.querySelectorAll("li[data-head]")];
    if (!relations.length) continue;
    const button = article.querySelector(".arcs"), drawn = note.querySelector(".drawn");
    const add = (name, attributes, text = "") => {
      const made = document.createElementNS(drawn.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.textContent = text;
      drawn.append(made);
    };
    button.parentElement.parentElement.classList.add("live");
    button.setAttribute("aria-pressed", "false");
    const draw = chosen => {
      drawn.replaceChildren();
      const frame = note.getBoundingClientRect();
      for (const relation of chosen) {
        const ends = [relation.dataset.head, relation.dataset.tail].map(id => document.getElementById(id));
        if (ends.includes(null)) continue;
        const [from, to] = ends.map(end => end.getClientRects()[0]).map(box =>
          [box.left + box.width / 2 - frame.left, box.top - frame.top]);
        const top = Math.min(from[1], to[1]) - 10 - Math.min(36, Math.abs(from[0] - to[0]) / 6);
        add("path", {d: `M${from}C${from[0]},${top} ${to[0]},${top} ${to}`});
        add("path", {d: `M${to[0] - 3},${to[1] - 5}L${to}L${to[0] + 3},${to[1] - 5}`});
        add("text", {x: (from[0] + to[0]) / 2, y: (from[1] + to[1] + 6 * top) / 8}, relation.dataset.said);
      }
    };
    const all = () => button.getAttribute("aria-pressed") === "true";
    const touching = id => relations.filter(relation => [relation.dataset.head, relation.dataset.tail].includes(id));
    const point = event => {
      const mark = event.target.closest("mark[id]");
      if (!all()) draw(mark ? touching(mark.id) : []);
    };
    for (const kind of ["pointerover", "focusin"]) note.addEventListener(kind, point);
    note.addEventListener("pointerleave", () => all() || draw([]));
    for (const relation of relations) relation.addEventListener("pointerenter", () => all() || draw([relation]));
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!all()));
      note.classList.toggle("arced", all());
      draw(all() ? relations : []);
    });
    addEventListener("resize", () => draw(all() ? relations : []));
  }
})();
"""
