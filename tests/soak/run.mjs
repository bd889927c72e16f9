// @ts-check
/**
 * The soak of the client: what it keeps, loses or leaves behind only shows after thousands of calls, connections and deaths.
 * It uses the built client as programs do, against processes of its own, and ends with code 1 where anything was violated.
 *
 * | variable          | what it says                                                                              |
 * | ----------------- | ----------------------------------------------------------------------------------------- |
 * | `SOAK_CALLS`      | how many calls; default 100000                                                            |
 * | `SOAK_RECONNECTS` | how often to connect and close; default 1000                                              |
 * | `SOAK_DEATHS`     | how many servers to kill under calls; default 200                                         |
 * | `SOAK_SEED`       | repeats the choices of another soak                                                       |
 * | `SOAK_LEAK`       | `1` keeps a small object of each call and a client of each connection: it must be noticed |
 */
import { soakCalls } from './calls.mjs'
import { soakDeaths } from './deaths.mjs'
import { demandAnEnd, demandNothingLeft, handles, watchProcess } from './leftovers.mjs'
import { soakReconnects } from './reconnects.mjs'
import { Report } from './report.mjs'
import { settings } from './settings.mjs'

const report = new Report()
console.log(`node ${process.version}, SOAK_SEED=${settings.seed}`)
// Like stdout, it is a handle from its first use on.
process.stderr.write('')
const before = handles()
watchProcess(report)
for (const soak of [soakCalls, soakReconnects, soakDeaths]) {
  try {
    await soak(report)
  } catch (error) {
    report.failed(error)
  }
}
await demandNothingLeft(report, before)
report.print()
process.exitCode = report.isFine ? 0 : 1
demandAnEnd(report)
