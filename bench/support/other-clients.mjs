// @ts-check
/** Clients by others, which are no dependency of ours: installed into a folder that is thrown away. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** The newest of each that runs on Node 20. @type {Record<string, string>} */
const versions = { '@ai-sdk/mcp': '1.0.101', 'mcp-client': '1.13.1' }

const entries = {
  'ai-sdk.mjs': "export * from '@ai-sdk/mcp'",
  'ai-sdk-stdio.mjs': "export * from '@ai-sdk/mcp/mcp-stdio'",
  'mcp-client.mjs': "export * from 'mcp-client'",
}

/**
 * Installs them.
 *
 * @param {string} folder
 * @returns {Promise<{ folder: string } | { missing: string }>} the URL that `<folder>ai-sdk.mjs` and the like can be imported
 *   by, or why they cannot be had
 */
export async function installOtherClients(folder) {
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
    const quietly = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts']
    await promisify(execFile)('npm', ['install', ...quietly, '--prefix', folder, ...packages], { timeout: 120_000 })
    for (const [name, text] of Object.entries(entries)) await writeFile(join(folder, name), `${text}\n`)
    return { folder: `${pathToFileURL(folder).href}/` }
  } catch (error) {
    return { missing: `cannot be installed: ${String(error).split('\n')[0]}` }
  }
}
