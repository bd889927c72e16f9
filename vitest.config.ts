import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Reads the packages' sources instead of their built files; the rest are the defaults for Node.
  ssr: { resolve: { conditions: ['@longcall/source', 'module', 'node', 'development|production'] } },
  test: {
    pool: 'forks',
    setupFiles: ['tests/support/setup.ts'],
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
          include: ['tests/wire/**/*.test.ts', 'tests/faults/**/*.test.ts', 'tests/receiver/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'interop', include: ['tests/interop/**/*.test.ts'] } },
    ],
  },
})
