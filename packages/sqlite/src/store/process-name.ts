import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names this process among all that may open the file, so that others on this machine can see when it is dead.
 *
 * A process id means something within one running system and one of its namespaces only, so those are part of the name.
 */
export function processName(): string {
  return `${process.pid}@${systemName()}`
}

/** Whether a process of this name is known to be gone. Of other systems nothing is known. */
export function isDead(name: string, system: string = systemName()): boolean {
  const [pid, ...rest] = name.split('@')
  if (rest.join('@') !== system) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
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
