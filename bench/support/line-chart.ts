export interface Line {
  readonly label: string;
  /** Shares of 1, one for each value of x. */
  readonly values: readonly number[];
  readonly color: string;
  readonly stroke: "solid" | "dashed";
}

export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  /** Drawn at equal distances. */
  readonly x: { readonly label: string; readonly values: readonly number[] };
  readonly yLabel: string;
  /** Shaded behind the lines, between two values of x. */
  readonly band: { readonly from: number; readonly to: number; readonly label: string };
  readonly lines: readonly Line[];
}

const width = 760;
const height = 430;
const plot = { left: 62, top: 76, right: 560, bottom: 370 };

/** Shares over a scale, as SVG: on white, so that it can be read on a dark page too. */
export function lineChart({ title, subtitle, x, yLabel, band, lines }: LineChart): string {
  const step = (plot.right - plot.left) / (x.values.length - 1);
  const xAt = (index: number): number => plot.left + index * step;
  const yAt = (share: number): number => plot.bottom - share * (plot.bottom - plot.top);
  const from = xAt(x.values.indexOf(band.from)) - step / 2;
  const to = xAt(x.values.indexOf(band.to)) + step / 2;
  const middle = (plot.left + plot.right) / 2;
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const elements = [
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text({ x: 20, y: 28, size: 17, content: title, weight: "bold" }),
    text({ x: 20, y: 48, size: 12, content: subtitle, color: "#555555" }),
    `<rect x="${from.toFixed(1)}" y="${plot.top}" width="${(to - from).toFixed(1)}" height="${plot.bottom - plot.top}" fill="#eef3e6"/>`,
    text({ x: (from + to) / 2, y: plot.top + 16, size: 12, content: band.label, color: "#4c6b1f", anchor: "middle" }),
    ...shares.flatMap((share) => [
      `<line x1="${plot.left}" x2="${plot.right}" y1="${yAt(share).toFixed(1)}" y2="${yAt(share).toFixed(1)}" stroke="#dddddd"/>`,
      text({ x: plot.left - 8, y: yAt(share) + 4, size: 12, content: `${Math.round(share * 100)} %`, anchor: "end" }),
    ]),
    ...x.values.map((value, index) => text({ x: xAt(index), y: plot.bottom + 18, size: 12, content: String(value), anchor: "middle" })),
    text({ x: middle, y: plot.bottom + 42, size: 13, content: x.label, anchor: "middle" }),
    text({ x: plot.left - 42, y: plot.top - 10, size: 13, content: yLabel }),
    ...lines.flatMap((line, index) => [
      `<polyline fill="none" stroke="${line.color}" stroke-width="2.5"${dashes(line)} points="${line.values
        .map((share, place) => `${xAt(place).toFixed(1)},${yAt(share).toFixed(1)}`)
        .join(" ")}"/>`,
      ...(line.stroke === "solid" ? line.values.map((share, place) => circle(xAt(place), yAt(share), line.color)) : []),
      ...legend(line, plot.top + 20 + index * 24),
    ]),
  ];
  const described = `<title>${escaped(title)}</title><desc>${escaped(subtitle)}</desc>`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `${head} font-family="Helvetica, Arial, sans-serif" role="img">\n${described}\n${elements.join("\n")}\n</svg>\n`;
}

function legend(line: Line, y: number): readonly string[] {
  const left = plot.right + 18;
  return [
    `<line x1="${left}" x2="${left + 26}" y1="${y}" y2="${y}" stroke="${line.color}" stroke-width="2.5"${dashes(line)}/>`,
    text({ x: left + 33, y: y + 4, size: 12, content: line.label }),
  ];
}

function dashes({ stroke }: Line): string {
  return stroke === "dashed" ? ' stroke-dasharray="5 5"' : "";
}

function circle(x: number, y: number, color: string): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${color}"/>`;
}

interface Text {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly content: string;
  readonly anchor?: "middle" | "end";
  readonly color?: string;
  readonly weight?: "bold";
}

function text({ x, y, size, content, anchor, color = "#222222", weight }: Text): string {
  const style = `${anchor === undefined ? "" : ` text-anchor="${anchor}"`}${weight === undefined ? "" : ` font-weight="${weight}"`}`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" fill="${color}"${style}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
