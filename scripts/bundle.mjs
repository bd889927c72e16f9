// @ts-check
/**
 * Bundles what core and client publish: a program that is started for each call loads a few files then instead of two
 * hundred, which takes a quarter of its time. Types are those that tsc made; what is loaded on demand stays in files of its own.
 */
import { readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

for (const name of ['core', 'client']) await bundle(fileURLToPath(new URL(`../packages/${name}/`, import.meta.url)))

/** @param {string} folder */
async function bundle(folder) {
  /** @type {{ exports: Record<string, string | { '@longcall/source': string, default: string }> }} */
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry]))
  const out = join(folder, 'dist/bundle')
  await rm(out, { recursive: true, force: true })
  const build = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [nameOf(entry.default), entry['@longcall/source']])),
    // The client needs a part of core, and takes it along; errors of both copies are `instanceof` each other.
    external: (id) => !/^[./]|^@longcall\//.test(id),
    resolve: { conditionNames: ['@longcall/source', 'node', 'import', 'default'] },
    platform: 'node',
    // What is loaded on demand may take what it shares with an entry from there, so that an entry is one file.
    preserveEntrySignatures: 'allow-extension',
    treeshake: true,
  })
  await build.write({
    dir: out,
    format: 'esm',
    sourcemap: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'parts/[name]-[hash].js',
  })
  await build.close()
}

/** @param {string} path `./dist/bundle/wire/2025-11-25.js` */
function nameOf(path) {
  return path.slice('./dist/bundle/'.length, -'.js'.length)
}
