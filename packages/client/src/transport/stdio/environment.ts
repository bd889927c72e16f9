/**
 * The environment of a server: a few variables of this process, and on top of them what was given for it.
 *
 * All else stays here, for a server is somebody else's program and an environment holds keys. A value that begins with
 * `()` is left out: it is a function that a shell exported, which another shell might run.
 *
 * Source: the official SDK, `getDefaultEnvironment()` of its stdio transport, which passes on the same.
 */
export function serverEnvironment(
  given: Readonly<Record<string, string>> = {},
  own: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  // Without a prototype: a variable may be named `__proto__`.
  const environment: Record<string, string> = Object.create(null)
  for (const name of platform === 'win32' ? passedOnWindows : passedOnPosix) {
    const value = own[name]
    if (value !== undefined && !value.startsWith('()')) environment[name] = value
  }
  for (const [name, value] of Object.entries(given)) {
    // Windows takes `Path` and `PATH` for one variable, and of two it would pass on the one that comes first.
    if (platform === 'win32') delete environment[name.toUpperCase()]
    environment[name] = value
  }
  return environment
}

const passedOnPosix = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'] as const

const passedOnWindows = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PROGRAMW6432',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
] as const
