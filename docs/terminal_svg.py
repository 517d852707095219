#!/usr/bin/env python3
"""Draws a terminal's content as SVG: reads `tmux capture-pane -e -p`, writes the picture.

    terminal_svg.py COLUMNS TITLE < capture > picture.svg

Understands what tmux prints for a cell: bold, faint, underline, reverse, and the 16, 256 and true colours (SGR of ECMA-48).
Nothing but Python's own library.
"""

import re
import sys
import unicodedata
from xml.sax.saxutils import escape

CELL, LINE, PAD, BAR = 8.4, 18, 14, 30
GROUND, TEXT = "#1b1f27", "#d7dae0"
PALETTE = (
    "#2e3440 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d7dae0 "
    "#5c6370 #ff7b86 #b5e08f #f5d58f #82c4ff #d89cf0 #7fd6e0 #ffffff"
).split()
SEQUENCE = re.compile(r"\x1b\[([0-9;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|[\x0e\x0f]")


def colour(index):
    """The colour of the 256-colour palette."""
    if index < 16:
        return PALETTE[index]
    if index >= 232:
        level = 8 + 10 * (index - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    steps = (0, 95, 135, 175, 215, 255)
    index -= 16
    return "#%02x%02x%02x" % (steps[index // 36], steps[index // 6 % 6], steps[index % 6])


def apply(style, codes):
    """The style after an SGR sequence."""
    style = dict(style)
    codes = [int(code or 0) for code in re.split("[;:]", codes)]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code in (1, 2, 4, 7):
            style[code] = True
        elif code in (22, 24, 27):
            for off in {22: (1, 2), 24: (4,), 27: (7,)}[code]:
                style.pop(off, None)
        elif code in (38, 48):
            kind = codes.pop(0) if codes else 0
            if kind == 5 and codes:
                style["fg" if code == 38 else "bg"] = colour(codes.pop(0) % 256)
            elif kind == 2 and len(codes) >= 3:
                style["fg" if code == 38 else "bg"] = "#%02x%02x%02x" % tuple(c % 256 for c in codes[:3])
                del codes[:3]
        elif code in (39, 49):
            style.pop("fg" if code == 39 else "bg", None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["fg"] = PALETTE[code - 30 if code < 90 else code - 82]
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["bg"] = PALETTE[code - 40 if code < 100 else code - 92]
    return style


def width(text):
    """Cells that a text takes."""
    return sum(
        0 if unicodedata.combining(c) or c in "\u200d\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def runs(line, style):
    """Runs of one style in a line, and the style after it."""
    found, at = [], 0
    for match in SEQUENCE.finditer(line):
        if match.start() > at:
            found.append((line[at : match.start()], style))
        if match.group(1) is not None:
            style = apply(style, match.group(1))
        at = match.end()
    if at < len(line):
        found.append((line[at:], style))
    return found, style


def main():
    columns, title = int(sys.argv[1]), sys.argv[2]
    lines = sys.stdin.read().rstrip("\n").split("\n")
    wide, high = columns * CELL + 2 * PAD, len(lines) * LINE + 2 * PAD + BAR
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high}" viewBox="0 0 {wide:.0f} {high}"'
        ' role="img" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>',
    ]
    out += [f'<circle cx="{20 + 18 * i}" cy="18" r="5.5" fill="{PALETTE[c]}"/>' for i, c in enumerate((1, 3, 2))]
    out.append(f'<text x="{wide / 2:.0f}" y="22" fill="{PALETTE[8]}" text-anchor="middle">{escape(title)}</text>')
    style = {}
    for row, line in enumerate(lines):
        found, style = runs(line, style)
        column, y = 0, BAR + PAD + row * LINE
        for text, look in found:
            text = "".join(c for c in text if c >= " ")
            cells = width(text)
            fg, bg = look.get("fg", TEXT), look.get("bg")
            if look.get(7):
                fg, bg = bg or GROUND, fg
            x = PAD + column * CELL
            if bg:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{cells * CELL:.1f}" height="{LINE}" fill="{bg}"/>')
            if text.strip():
                extra = ' font-weight="bold"' if look.get(1) else ""
                extra += ' opacity="0.65"' if look.get(2) else ""
                extra += ' text-decoration="underline"' if look.get(4) else ""
                out.append(
                    f'<text x="{x:.1f}" y="{y + 13}" textLength="{cells * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
                    f' xml:space="preserve" fill="{fg}"{extra}>{escape(text)}</text>'
                )
            column += cells
    print("\n".join(out + ["</svg>"]))


main()
