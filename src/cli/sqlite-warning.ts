/**
 * Keeps one warning off stderr: that `node:sqlite` is experimental (Node.js 22). The line would stand in the log of
 * every client that starts `wrap`, and nobody there can do anything about it. All other warnings pass.
 */
export function silenceSqliteWarning(target: Pick<NodeJS.Process, 'emitWarning'>): void {
  target.emitWarning = new Proxy(target.emitWarning, {
    apply: (emitWarning, self, details: readonly unknown[]) => {
      const [warning, type] = details
      if (type === 'ExperimentalWarning' && String(warning).startsWith('SQLite is')) return
      Reflect.apply(emitWarning, self, details)
    },
  })
}
