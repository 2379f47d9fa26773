import { Command, InvalidArgumentError } from "commander";
import { createScreen } from "../demo/screen.ts";
import { adviceInNeighbourhood, type NeighbouringLength } from "./neighbouring-lengths.ts";

interface Options {
  readonly distinct: number;
  readonly rows?: number;
  readonly json?: true;
}

const count = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });

/** `dynaseal beacon-length`: how long a beacon should be, and what its neighbours would cost. */
export function beaconLengthCommand(): Command {
  const command = new Command("beacon-length")
    .description("advise how many bits a beacon should have, and show what a query costs at each length")
    .requiredOption("--distinct <number>", "how many different values the attribute has, such as 100000", numberArgument)
    .option("--rows <number>", "how many items the table has, such as 5e6; as many as values unless given", numberArgument)
    .option("--json", "print JSON");
  return command.action(({ distinct, rows = distinct, json }: Options) => {
    if (rows < distinct) command.error("error: --rows must be at least --distinct: every value is in an item");
    const advice = adviceInNeighbourhood({ distinct, rows });
    if (json === true)
      process.stdout.write(
        `${JSON.stringify({ distinct, rows, recommended: advice.recommended ?? null, lengths: advice.lengths }, null, 2)}\n`,
      );
    else printAdvice({ distinct, rows }, advice.recommended, advice.lengths);
  });
}

function printAdvice(
  { distinct, rows }: { readonly distinct: number; readonly rows: number },
  recommended: number | undefined,
  lengths: readonly NeighbouringLength[],
): void {
  const screen = createScreen(process.stdout);
  screen.line(
    `${count.format(distinct)} values in ${count.format(rows)} items. A query looks for ${count.format(rows / distinct)} on average, and reads:`,
  );
  screen.table(
    ["length", "values per beacon", "false positives", "items read", ""],
    lengths.map(({ length, valuesPerBeacon, falsePositives, rowsRead, advice }) => [
      String(length),
      count.format(valuesPerBeacon),
      count.format(falsePositives),
      count.format(rowsRead),
      length === recommended ? `${wording[advice]}: take this one` : wording[advice],
    ]),
    [8, 19, 17, 12, 48],
  );
  if (recommended === undefined) {
    screen.line("No length: with so few values each would have a beacon of its own. Search for them together with another attribute.");
    screen.line("A virtual field or a compound beacon does that.");
  } else {
    screen.line(
      "Longer is cheaper, shorter hides more. Where some values are much more frequent than others, they stand out at any length.",
    );
  }
}

const wording: Readonly<Record<NeighbouringLength["advice"], string>> = {
  "too-short": "short: queries read too much",
  fits: "fits",
  "too-long": "long: most values have a beacon of their own",
};

function numberArgument(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 1) throw new InvalidArgumentError("It must be a number of at least 1.");
  return number;
}
