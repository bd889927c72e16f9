// Prints what failed, and "<n> passed, <m> failed", summed over the JSON reports that vitest wrote to a folder.
// A file that failed without a failing test in it (a leak, an import) counts as one failure.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
let passed = 0
let failed = 0
for (const name of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  for (const { name: file, status, message, assertionResults } of report.testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed')
    for (const { fullName, failureMessages } of failures)
      console.log(`FAILED ${name} ${file}: ${fullName}\n${failureMessages[0]}`)
    if (status !== 'failed' || failures.length > 0) continue
    console.log(`FAILED ${name} ${file}: ${message}`)
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
