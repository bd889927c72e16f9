import { describe, expect, test } from 'vitest'
import { drivers, FileLab } from '../../../../tests/support/file-lab.ts'
import type { SqliteConnection, SqliteRow } from './driver.ts'

describe.each(drivers)('a driver, %s', (_name, driver) => {
  async function withNumbers(work: (connection: SqliteConnection) => void): Promise<void> {
    const lab = await FileLab.in(driver)
    lab.raw((connection) => {
      connection.exec('CREATE TABLE numbers (id INTEGER PRIMARY KEY, json TEXT)')
      connection.exec(`INSERT INTO numbers VALUES (1, '[1]'), (2, '['), (3, '[3]'), (4, '[4]')`)
      work(connection)
    })
  }
  const select = "SELECT json_extract(json, '$[0]') AS number FROM numbers WHERE id = ?"
  const number = (row: SqliteRow | undefined): unknown => row?.['number']

  test('a statement that failed goes by its new values the next time', async () => {
    await withNumbers((connection) => {
      const statement = connection.prepare(select)
      expect(number(statement.get(1))).toBe(1)
      expect(() => statement.get(2)).toThrow(/malformed JSON/)
      expect(number(statement.get(3))).toBe(3)
      expect(() => statement.all(2)).toThrow(/malformed JSON/)
      expect(number(statement.get(4))).toBe(4)
      expect(() => statement.get(2)).toThrow(/malformed JSON/)
      expect(() => statement.get(2)).toThrow(/malformed JSON/)
      expect(statement.all(1).map(number)).toEqual([1])
    })
  })

  test('a statement may be run in every way by turns', async () => {
    await withNumbers((connection) => {
      const statement = connection.prepare(select)
      expect(statement.all(3).map(number)).toEqual([3])
      expect(number(statement.get(4))).toBe(4)
      expect(statement.get(9)).toBeUndefined()
      expect(number(statement.get(1))).toBe(1)
      expect(statement.all(4).map(number)).toEqual([4])
      const update = connection.prepare('UPDATE numbers SET json = ? WHERE id = ? RETURNING id')
      update.run('[5]', 1)
      expect(update.get('[6]', 3)).toMatchObject({ id: 3 })
      expect([1, 3].map((id) => number(statement.get(id)))).toEqual([5, 6])
    })
  })

  test('a statement that a full disk stopped writes the next time what it is given then', async () => {
    await withNumbers((connection) => {
      const update = connection.prepare('UPDATE numbers SET json = ? WHERE id = ? RETURNING id')
      connection.exec('PRAGMA max_page_count = 1')
      expect(() => update.get(`["${'x'.repeat(50_000)}"]`, 1)).toThrow(/full/)
      expect(update.get('[7]', 3)).toMatchObject({ id: 3 })
      expect([1, 3].map((id) => number(connection.prepare(select).get(id)))).toEqual([1, 7])
    })
  })

  test('a statement goes on when another program changes the tables', async () => {
    const lab = await FileLab.in(driver)
    lab.raw((connection) => {
      connection.exec('PRAGMA journal_mode = WAL; CREATE TABLE numbers (id INTEGER PRIMARY KEY, one TEXT, two TEXT)')
      connection.exec(`INSERT INTO numbers VALUES (1, 'a', 'b')`)
      const get = connection.prepare('SELECT id, one, two FROM numbers WHERE id = ?')
      const all = connection.prepare('SELECT id, one, two FROM numbers WHERE id = ?')
      expect(get.get(1)).toMatchObject({ id: 1, one: 'a', two: 'b' })
      expect(all.all(1)).toMatchObject([{ id: 1, one: 'a', two: 'b' }])
      lab.raw((other) => {
        other.exec('DROP TABLE numbers; CREATE TABLE numbers (two TEXT, zero TEXT, one TEXT, id INTEGER PRIMARY KEY)')
        other.exec(`INSERT INTO numbers VALUES ('b', 'z', 'a', 1)`)
      })
      expect(get.get(1)).toMatchObject({ id: 1, one: 'a', two: 'b' })
      expect(all.all(1)).toMatchObject([{ id: 1, one: 'a', two: 'b' }])
    })
  })
})
