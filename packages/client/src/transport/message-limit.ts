/**
 * How long a message of a server may be, in bytes: 64 MB.
 *
 * Results hold images and files as base64, so a limit of a few megabytes ends connections of honest servers. But a message
 * is in memory several times over until it is read (as bytes, as text, as what was parsed), and a server that never ends it
 * must not fill the memory of this process.
 */
export const maxMessageBytes: number = 64 * 1024 * 1024
