import type { Writable } from "node:stream";
import Table from "cli-table3";
import { createColors } from "picocolors";

/** Where the demo tells what it does: coloured on a terminal, plain text when piped. */
export interface Screen {
  title(text: string): void;
  /** A step that holds. */
  done(text: string): void;
  /** A step that does not; the demo then ends with exit code 1. */
  failed(text: string): void;
  note(text: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[], widths: readonly number[]): void;
  line(text: string): void;
}

export function createScreen(output: Writable & { readonly isTTY?: boolean }): Screen {
  const colors = createColors(output.isTTY === true && process.env["NO_COLOR"] === undefined);
  const line = (text: string): void => void output.write(`${text}\n`);
  return {
    title: (text) => line(`\n${colors.bold(text)}`),
    done: (text) => line(`  ${colors.green("ok")}    ${text}`),
    failed: (text) => line(`  ${colors.red("FAIL")}  ${text}`),
    note: (text) => line(`        ${colors.dim(text)}`),
    line,
    table(head, rows, widths) {
      const table = new Table({
        head: [...head],
        colWidths: [...widths],
        wordWrap: true,
        wrapOnWordBoundary: false,
        style: { head: [], border: [] },
      });
      for (const row of rows) table.push([...row]);
      line(table.toString());
    },
  };
}
