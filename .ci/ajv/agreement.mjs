// Runs the fixtures through ajv and through mokasync: good: both accept; bad: both refuse; beyond: the schema accepts and mokasync refuses.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import Ajv2020 from 'ajv/dist/2020.js'
import { parseAllDocuments } from 'yaml'

const [program, folder] = process.argv.slice(2)
const run = (...args) => spawnSync(program, args, { encoding: 'utf8' })
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
const compile = (...kind) => ajv.compile(JSON.parse(run('schema', ...kind).stdout))
const all = compile()
const byKind = Object.fromEntries(['Customer', 'Product', 'Schedule', 'Card', 'Sale'].map(k => [k, compile(k)]))

compile('Project') // mokasync.yaml is read apart: here it must only be a good schema

// YAML 1.1, which is what the manifests are read as; a document that is no YAML is refused by anything that validates YAML.
function schemaAccepts(text) {
  const documents = parseAllDocuments(text, { version: '1.1', schema: 'core', merge: true })
  for (const d of documents) {
    if (d.errors.length > 0) return false
    const value = d.toJS()
    const one = byKind[value?.kind]
    const accepted = all(value)
    if (one && one(value) !== accepted) throw new Error(`the schema of ${value.kind} and the schema of all disagree`)
    if (!accepted) return false
  }
  return true
}

const expected = { good: [true, true], bad: [false, false], beyond: [true, false] }
let passed = 0, failed = 0
for (const [group, [schema, mokasync]] of Object.entries(expected)) {
  for (const name of readdirSync(join(folder, group)).sort()) {
    const file = join(folder, group, name)
    const got = schemaAccepts(readFileSync(file, 'utf8'))
    const result = run('validate', file)
    if (got === schema && (result.status === 0) === mokasync && (result.status === 0 || result.status === 1)) { passed++; continue }
    failed++
    console.log(`${group}/${name}: ajv ${got ? 'accepts' : 'refuses'}, mokasync ${result.status === 0 ? 'accepts' : 'refuses'}\n${JSON.stringify(all.errors)}\n${result.stderr}`)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
