// Sums the JSON reports of all test runs into one line: `N passed, N failed`. What failed without a failing test (lint,
// types, a suite that did not load, a run that wrote no report) counts as one failure for each section.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "", failedSections = "0"] = process.argv.slice(2);
const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
const sum = (field) => reports.reduce((total, report) => total + report[field], 0);

const passed = sum("numPassedTests");
const sectionsWithFailedTests = reports.filter(({ numFailedTests }) => numFailedTests > 0).length;
const failed = sum("numFailedTests") + Math.max(0, Number(failedSections) - sectionsWithFailedTests) + (passed === 0 ? 1 : 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
