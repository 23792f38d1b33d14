import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 60_000, hookTimeout: 60_000 };

/** `unit` runs on the sources alone; `built` needs `npm run build` (threads and the command line load compiled code). */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'dist/test-results.json' }]],
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/**/*.built.test.ts'] } },
      { test: { ...shared, name: 'built', include: ['test/**/*.built.test.ts'] } },
    ],
  },
});
