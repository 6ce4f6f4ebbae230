import { restOptimizers } from './optimizers.ts'

/** Prepares for the moment when the server starts: loads what a session needs, and lets V8's optimizing compilers rest after it. */
export async function hasten(): Promise<void> {
  await Promise.all([
    import('../policy/later-condition.ts'),
    import('../policy/compile-policy.ts'),
    import('./carry-session.ts'),
    import('./beyond-local.ts'),
  ])
  restOptimizers()
}
