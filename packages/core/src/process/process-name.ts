import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names this process among all that may open a file, so that others on this machine can see when it is dead.
 *
 * A process id means something within one running system and one of its namespaces only, so those are part of the name;
 * and since ids are given again, so is when the process began, where that can be read.
 */
export function processName(): string {
  return `${process.pid}${beginningOf(process.pid)}@${systemName()}`
}

/** Whether a process of this name is known to be gone. Of other systems nothing is known. */
export function isDead(name: string, system: string = systemName()): boolean {
  const [who = '', ...rest] = name.split('@')
  if (rest.join('@') !== system) return false
  const [pid = '', began] = who.split('.')
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const now = beginningOf(Number(pid))
  return began !== undefined && /^\d+$/.test(began) && now !== '' && now !== `.${began}`
}

/** When a process began, in ticks since its system did; of one that only waits for its parent to notice, that it is over. */
function beginningOf(pid: number): string {
  // The name of the program, in brackets, may hold anything; what follows it does not.
  const stat = readLinux(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z') return '.over'
  return fields[19] === undefined ? '' : `.${fields[19]}`
}

function systemName(): string {
  return [
    hostname(),
    readLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    readLinux(() => readlinkSync('/proc/self/ns/pid')),
  ].join('/')
}

function readLinux(read: () => string): string {
  try {
    return read()
  } catch {
    // Other systems have neither; a reboot shows in nothing but the lease that runs out.
    return ''
  }
}
