// @ts-check
/**
 * Numbers in [0, 1) that a seed and a few words give again: for each call its own, whatever is called meanwhile.
 *
 * @param {number} seed
 * @param {...(string | number)} words
 * @returns {() => number}
 */
export function randomOf(seed, ...words) {
  // FNV-1a, then mulberry32.
  let state = seed ^ 0x81_1c_9d_c5
  for (const character of words.join('/')) state = Math.imul(state ^ character.charCodeAt(0), 0x01_00_01_93)
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
