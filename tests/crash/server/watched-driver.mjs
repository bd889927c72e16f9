/**
 * A driver of SQLite that says before and after each `COMMIT` that its moment has come.
 *
 * @param {import('@longcall/sqlite').SqliteDriver} driver
 * @param {import('./killer.mjs').Reach} reach
 * @returns {import('@longcall/sqlite').SqliteDriver}
 */
export function watchedDriver(driver, reach) {
  return {
    name: driver.name,
    resultCode: (error) => driver.resultCode(error),
    open: (file) => {
      const connection = driver.open(file)
      return {
        prepare: (sql) => connection.prepare(sql),
        close: () => connection.close(),
        exec: (sql) => {
          if (sql !== 'COMMIT') return connection.exec(sql)
          reach('commit:before')
          connection.exec(sql)
          reach('commit:after')
        },
      }
    },
  }
}
