#!/usr/bin/env node
// `npx cerberus …` on any Node from 20 on: hands over to the pinned Node through the bootstrap, which
// installs what is missing first.
process.argv.splice(2, 0, 'cli');
await import('../../../tools/bootstrap.mjs');
