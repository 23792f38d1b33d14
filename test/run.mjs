// Runs vitest and prints, last, `N passed, N failed, N skipped` from its JSON report; exits as vitest did.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const vitest = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
const report = JSON.parse(readFileSync(new URL('../dist/test-results.json', import.meta.url), 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`);
process.exit(vitest.status ?? 1);
