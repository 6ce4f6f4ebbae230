/** A policy with two servers, two grants and conditions. */
export const POLICY = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
servers:
  files: {}
  cased:
    arguments: { caseSensitive: true }
grants:
  - name: files-write
    server: files
    who: everyone
    rules:
      - allow: { tool: write_file }
  - name: files-list
    server: files
    who: everyone
    rules:
      - allow: { tool: list_files }
rules:
  - allow: { tool: read_file }
  - name: big-ids-ask
    ask: { tool: pay }
    when: args.id == 9007199254740993
  - allow: { tool: pay }
    when: '"dba" in subject.groups'
`

/** A policy with an error in line 5, column 5. */
export const BROKEN = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
rules:
  - alow: { tool: read_file }
`
