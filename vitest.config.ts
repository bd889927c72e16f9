import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Reads the packages' sources instead of their built files; the rest are the defaults for Node.
  ssr: { resolve: { conditions: ['@longcall/source', 'module', 'node', 'development|production'] } },
  test: {
    pool: 'forks',
    setupFiles: ['tests/support/setup.ts'],
    // Most of a test's time is that of other processes: a core is left idle by half as many.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tests/unit/**/*.test.ts', 'tests/boundaries/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'wire',
          include: [
            'tests/wire/**/*.test.ts',
            'tests/faults/**/*.test.ts',
            'tests/receiver/**/*.test.ts',
            'tests/durable/**/*.test.ts',
          ],
        },
      },
      // Real processes that are killed; `npm run chaos` is the long form.
      {
        extends: true,
        test: {
          name: 'crash',
          include: ['tests/crash/**/*.test.ts'],
          // They keep all cores busy: one after another, and after all others.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'interop', include: ['tests/interop/**/*.test.ts'] } },
    ],
  },
})
