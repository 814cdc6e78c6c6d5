// SPDX-License-Identifier: MIT
// What landed, in a real DuckDB, through SQL:
//
//	node query.js --packages FOLDER --rows FILE --table SCHEMA.NAME --sql FILE --query SQL
//
// FILE of rows has a JSON object a line, which become the table; then the SQL of the
// other file is run, and what the query gives is printed, a JSON object a line.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
	options: {
		packages: { type: 'string' },
		rows: { type: 'string' },
		table: { type: 'string' },
		sql: { type: 'string' },
		query: { type: 'string' },
	},
})

const require = createRequire(path.join(options.packages, 'package.json'))
const { DuckDBInstance } = await import(pathToFileURL(require.resolve('@duckdb/node-api')))
const db = await (await DuckDBInstance.create(':memory:')).connect()

const [schema, table] = options.table.split('.')
const file = options.rows.replaceAll("'", "''")
await db.run(`CREATE SCHEMA "${schema}"`)
await db.run(
	`CREATE TABLE "${schema}"."${table}" AS SELECT * FROM read_json('${file}', format = 'newline_delimited')`,
)
await db.run(readFileSync(options.sql, 'utf8'))
const reader = await db.runAndReadAll(options.query)
for (const row of reader.getRowObjectsJson()) console.log(JSON.stringify(row))
