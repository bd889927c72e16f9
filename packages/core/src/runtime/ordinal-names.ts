/**
 * Names what a body does so that a later run finds it again: by the name it gave, and how often it gave it before.
 *
 * `plan`, `plan#2`, `plan#3`. What could be taken for such a number, or for the version of a question, is escaped, so no
 * two names meet.
 */
export class OrdinalNames {
  readonly #given = new Map<string, number>()

  next(name: string): string {
    const plain = name.replaceAll(/[%#~]/g, (mark) => `%${mark.codePointAt(0)!.toString(16)}`)
    const times = (this.#given.get(plain) ?? 0) + 1
    this.#given.set(plain, times)
    return times === 1 ? plain : `${plain}#${times}`
  }
}
