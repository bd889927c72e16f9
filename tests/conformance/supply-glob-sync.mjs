// @ts-check
/** For `node --import`: lets the suite, which imports `fs.globSync`, be loaded by a Node that has none. */
import * as fs from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// The thread of the hooks loads this file once more.
if (isMainThread && !('globSync' in fs)) register(import.meta.url)

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const isOfSuite = context.parentURL?.includes('/@modelcontextprotocol/conformance/') ?? false
  if (!isOfSuite || specifier !== 'fs') return next(specifier, context)
  return { url: new URL('fs-with-glob-sync.mjs', import.meta.url).href, shortCircuit: true }
}
