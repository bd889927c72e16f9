import { ServerStartError } from './stdio-errors.ts'

/** What is to be started: the file, its arguments, and its environment. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The descriptor that the guard reads the end of this process from. */
export const lifelineFd = 3

/**
 * The same program behind a guard that ends its process group when this process is gone, however it ended.
 *
 * The guard is a shell in the program's process group. It reads a pipe whose other end this process holds and never
 * writes to: when the pipe ends, the group gets SIGTERM, and SIGKILL a second later. For as long as the guard lives,
 * the id of the group is not given to another one. The program takes the place of the shell that started the guard, so
 * it has the pid of what was spawned; and the guard is no child of it, so that a program that waits for all its
 * children does not wait for this one.
 *
 * @throws {ServerStartError} Thrown when a variable that only env(1) can pass on meets a program that it cannot start.
 */
export function guardedCommand({ file, args, env }: Program): Program {
  const throughShell: Record<string, string> = Object.create(null)
  const pastShell: string[] = []
  for (const [name, value] of Object.entries(env)) {
    if (passesShell.test(name) && !ownedByShells.test(name)) throughShell[name] = value
    else pastShell.push(`${name}=${value}`)
  }
  if (pastShell.length > 0 && file.includes('=')) {
    const name = pastShell[0]?.split('=')[0]
    throw new ServerStartError(
      `the variable ${name} cannot be given to ${file}, whose path holds a "="; start it by a path without one`,
    )
  }
  const program = pastShell.length === 0 ? [file, ...args] : ['/usr/bin/env', ...pastShell, file, ...args]
  return { file: shell, args: ['-c', guard, 'longcall', ...program], env: throughShell }
}

/** Every POSIX system has it; an image that holds a single program and no system may not. */
export const shell = '/bin/sh'

const guard = [
  '( (',
  "trap '' TERM HUP INT;",
  `read -r gone <&${lifelineFd};`,
  'kill -s TERM 0; command -p sleep 1; kill -s KILL 0',
  ') </dev/null >/dev/null 2>&1 & )',
  // Shells add these to the environment; what was given under such a name is passed on by env(1). The SHLVL of bash
  // stays.
  'unset PWD OLDPWD;',
  `exec "$@" ${lifelineFd}<&-`,
].join('\n')

/** A variable with any other name, such as `spring.datasource.url`, is dropped by dash. */
const passesShell = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What shells set themselves, read, or refuse to be given. */
const ownedByShells =
  /^(_|BASH\w*|ENV|E?UID|GROUPS|IFS|LINENO|(OLD)?PWD|OPT\w+|POSIXLY_\w+|PPID|PS\d|RANDOM|SECONDS|SHELLOPTS|SHLVL)$/
