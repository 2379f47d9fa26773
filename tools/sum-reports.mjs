// Sums the JSON reports of all test runs into one line: `N passed, N failed`. A section that failed without a failing
// test (lint, types, exports) counts as one failure.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "", failedSections = "0"] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, file), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
}
failed = Math.max(failed, Number(failedSections));
if (passed === 0) failed = Math.max(failed, 1);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
