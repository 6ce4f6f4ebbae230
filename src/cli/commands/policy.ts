import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { policyAddCommand } from './policy-add.ts'
import { policyExplainCommand } from './policy-explain.ts'
import { policyInitCommand } from './policy-init.ts'
import { policyKeygenCommand } from './policy-keygen.ts'
import { policyLintCommand } from './policy-lint.ts'
import { policyRefreshCommand } from './policy-refresh.ts'
import { policySchemaCommand } from './policy-schema.ts'
import { policyShowCommand } from './policy-show.ts'
import { policySignCommand } from './policy-sign.ts'
import { policyTestCommand } from './policy-test.ts'
import { policyTrustCommand } from './policy-trust.ts'
import { policyVerifyCommand } from './policy-verify.ts'

/** Declares `hoopctl policy`. */
export function policyCommand(context: Context): Command {
  return new Command('policy')
    .description('Write, check, try and sign policies.')
    .addHelpText('after', examples('hoopctl policy init -- npx -y @modelcontextprotocol/server-everything'))
    .addCommand(policyInitCommand(context))
    .addCommand(policyLintCommand(context))
    .addCommand(policyExplainCommand(context))
    .addCommand(policyTestCommand(context))
    .addCommand(policySchemaCommand(context))
    .addCommand(policyKeygenCommand(context))
    .addCommand(policyTrustCommand(context))
    .addCommand(policySignCommand(context))
    .addCommand(policyVerifyCommand(context))
    .addCommand(policyAddCommand(context))
    .addCommand(policyShowCommand(context))
    .addCommand(policyRefreshCommand(context))
}
