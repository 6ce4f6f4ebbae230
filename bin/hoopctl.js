#!/usr/bin/env node
// Starts hoopctl. Kept to what old versions of Node.js can parse, so that they can say that they are too old.
var version = process.versions.node.split('.').map(Number)
if (version[0] > 22 || (version[0] === 22 && version[1] >= 13)) {
  require('../dist/start.cjs')
} else {
  var found = 'found ' + process.versions.node + ' (' + process.execPath + ')'
  var next = 'start it with a newer one, or from a clone: node_modules/.bin/node bin/hoopctl.js'
  process.stderr.write('hoopctl: needs Node.js 22.13 or newer, ' + found + ': ' + next + '\n')
  process.exitCode = 2 // usage: what mends it is an edit of the command that started us
}
