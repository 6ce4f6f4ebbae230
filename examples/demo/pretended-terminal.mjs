// @ts-check
// Loaded before hoopctl: its pipes pass for a terminal, on a system that has no command that makes one. Any program of a
// user can do so, which is why the proof `terminal` is the weakest (docs/threat-model.md).
Object.assign(process.stdin, { isTTY: true, setRawMode: () => process.stdin })
Object.assign(process.stdout, { isTTY: true, columns: 80, rows: 24 })
