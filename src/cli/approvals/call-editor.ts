import type { Context } from '../context.ts'
import type { Edit, Notice } from '../screens/state.ts'
import { argumentsText, takeEdit } from './edit-arguments.ts'
import type { Examined, Own } from './examine.ts'
import { runEditor } from './run-editor.ts'

/** What the editor came to: an edit to look at, or what the person is told instead. */
export type EditorLeft = { readonly edit: Edit } | { readonly notice: Notice }

/** Has a person edit calls. What they wrote and was not taken lies in the editor the next time: nobody writes it twice. */
export class CallEditor {
  #rejected: { readonly challenge: string; readonly text: string } | null = null

  /** Opens the editor with a call, or with the edit of it that is in view. Throws CANCELLED where none could be started. */
  async edit(
    examined: Examined,
    inView: Edit | null,
    own: Own,
    { env, now }: Pick<Context, 'env' | 'now'>,
  ): Promise<EditorLeft> {
    const { challenge } = examined.entry.question
    const rejected = this.#rejected?.challenge === challenge ? this.#rejected.text : null
    const written = await runEditor(rejected ?? argumentsText(inView?.examined ?? examined), { env })
    if (written === null) return warn('the editor failed: nothing was edited')
    const edited = await takeEdit(examined, written, own, now())
    this.#rejected = edited.kind === 'refused' ? { challenge, text: written } : null
    if (edited.kind === 'same') return warn('nothing was changed')
    if (edited.kind === 'edit') return { edit: edited.edit }
    return { notice: { tone: 'bad', text: `not taken: ${edited.why} (\`e\` opens what you wrote)` } }
  }
}

function warn(text: string): EditorLeft {
  return { notice: { tone: 'warn', text } }
}
