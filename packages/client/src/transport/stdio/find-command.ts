import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { ServerStartError } from './stdio-errors.ts'

/**
 * Finds the file that a command of POSIX names, as `execvp` would: one with a slash in it from the server's folder, any
 * other in the folders of the `PATH` that the server is given.
 *
 * It is looked for before the server is started, because a shell starts it, and a shell says only with its exit code
 * that there is no such command.
 *
 * @throws {ServerStartError} Thrown when there is no such file (`ENOENT`), or it may not be executed (`EACCES`).
 *
 * Source: POSIX.1-2024, `exec`.
 */
export async function findCommand(command: string, path: string | undefined, cwd: string): Promise<string> {
  const isPath = command.includes('/')
  const folders = isPath ? [cwd] : (path ?? defaultPath).split(delimiter).map((folder) => resolve(cwd, folder))
  let refused: string | undefined
  for (const folder of folders) {
    // An absolute command stands for itself.
    const file = isPath ? resolve(folder, command) : join(folder, command)
    const isFile = await stat(file).then(
      (found) => found.isFile(),
      () => false,
    )
    if (!isFile) continue
    if (await isExecutable(file)) return file
    refused ??= file
  }
  if (refused !== undefined)
    throw new ServerStartError(`${refused} may not be executed (EACCES); make it executable, or name what runs it`)
  const where = isPath
    ? `there is no file ${folders[0] === undefined ? command : resolve(folders[0], command)}`
    : notInPath
  throw new ServerStartError(`the command ${command} was not found (ENOENT): ${where}`)
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

const notInPath = 'no folder of the PATH that the server is given holds it; name its file, or give another PATH in env'
/** What `execvp` of the C libraries searches where there is no `PATH`. */
const defaultPath = '/usr/bin:/bin'
