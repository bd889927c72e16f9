import { stripVTControlCharacters } from 'node:util'

/** A server's text, safe to print: no escape sequences, no control characters, and of a bearable length. */
export function safe(text: string, maxLength = 2000): string {
  const plain = stripVTControlCharacters(text).replaceAll(/[^\P{C}\n\t]/gu, '�')
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain
}

/** Prints the text of a tool's result. */
export function printResult(content: readonly { readonly type: string; readonly text?: unknown }[]): void {
  for (const block of content) if (typeof block.text === 'string') console.log(`\n${safe(block.text)}\n`)
}
