// SPDX-License-Identifier: MIT
// An SQS server for the tests: fauxqs within this process, behind a server of our
// own on 127.0.0.1 that checks signatures with AWS's signer and can be told to
// misbehave.
//
//	node server.js --port-file FILE --packages FOLDER [--cert FILE --key-file FILE]
//		[--queue NAME]... [--access-key ID --secret-key SECRET [--token TOKEN]]
//
// Beside SQS it answers
//	GET /_test/messages?queue=NAME	all messages of the queue, by ReceiveMessage
//	GET /_test/requests		what came in: [{target, status, action}]
//	PUT /_test/faults		[action, ...], one for each SendMessage that comes
//	PUT /_test/fault		action or null, for every SendMessage
//	GET /_test/credentials		what a container's service would give
// An action is {status, type, message}, {status, body}, {md5}, {xml}, {hang: ms},
// {reset: true}, {after: "reset"}.  It ends with the process that started it.

import { createHash, createHmac, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import http from 'node:http'
import https from 'node:https'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
	options: {
		'port-file': { type: 'string' },
		packages: { type: 'string' },
		cert: { type: 'string' },
		'key-file': { type: 'string' },
		queue: { type: 'string', multiple: true, default: [] },
		'access-key': { type: 'string', default: 'AKIDTEST' },
		'secret-key': { type: 'string', default: 'secret' },
		token: { type: 'string' },
		authorization: { type: 'string' },
	},
})
const require = createRequire(pathToFileURL(options.packages + '/'))
const { SignatureV4 } = require('@smithy/signature-v4')
const { buildApp } = await import(pathToFileURL(options.packages + '/node_modules/fauxqs/dist/app.js'))

const region = 'eu-test-1'
const account = '000000000000'
const app = buildApp({ logger: false, host: 'localhost', defaultRegion: region })
await app.ready()

let faults = []
let fault = null
const requests = []

// --- signatures -----------------------------------------------------------------

class Sha256 {
	constructor(secret) {
		this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
	}
	update(data) {
		this.hash.update(data)
	}
	async digest() {
		return new Uint8Array(this.hash.digest())
	}
}

const refusal = (status, type, message) => ({ status, type, message })

// Why the request's signature is not good, or null.
async function checkSignature(request, body) {
	const given = request.headers.authorization ?? ''
	const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sqs\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(given)
	if (!match)
		return refusal(403, 'IncompleteSignature', `not an authorization: '${given}'`)
	const [, id, , signedRegion, names, signature] = match
	if (id !== options['access-key'])
		return refusal(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
	if ((request.headers['x-amz-security-token'] ?? null) !== (options.token ?? null))
		return refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid')
	const date = request.headers['x-amz-date'] ?? ''
	const when = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
	if (!(Math.abs(when - Date.now()) < 15 * 60 * 1000))
		return refusal(403, 'SignatureDoesNotMatch', `Signature expired: ${date} is now earlier than now - 15 min.`)
	const headers = {}
	for (const name of names.split(';'))
		headers[name] = request.headers[name] ?? ''
	for (const name of ['host', 'x-amz-date', 'x-amz-target'])
		if (!(name in headers))
			return refusal(403, 'IncompleteSignature', `${name} is not signed`)
	const signer = new SignatureV4({
		service: 'sqs',
		region: signedRegion,
		credentials: {
			accessKeyId: id,
			secretAccessKey: options['secret-key'],
			...(options.token ? { sessionToken: options.token } : {}),
		},
		sha256: Sha256,
		applyChecksum: false,
	})
	const url = new URL(request.url, 'http://localhost')
	const signed = await signer.sign(
		{ method: request.method, protocol: 'http:', hostname: 'localhost', path: url.pathname, query: {}, headers, body },
		{ signingDate: new Date(when), signingRegion: signedRegion },
	)
	if (!signed.headers.authorization.endsWith(`Signature=${signature}`))
		return refusal(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.')
	if (signedRegion !== region)
		return refusal(403, 'SignatureDoesNotMatch', `Credential should be scoped to a valid region: '${region}'.`)
	return null
}

// --- SQS --------------------------------------------------------------------------

async function sqs(target, input) {
	const reply = await app.inject({
		method: 'POST',
		url: '/',
		headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${target}`, host: 'localhost' },
		payload: typeof input === 'string' ? input : JSON.stringify(input),
	})
	return { status: reply.statusCode, type: reply.headers['content-type'], body: reply.body }
}

async function queueUrl(name) {
	return JSON.parse((await sqs('GetQueueUrl', { QueueName: name })).body).QueueUrl
}

// fauxqs knows a queue by one text only; the host and port that the client was
// given do not matter, as they do not to SQS.
async function sendMessage(body) {
	const input = JSON.parse(body)
	const [, ours, name] = /^https?:\/\/[^/]+\/(\d+)\/([\w.-]+)$/.exec(input.QueueUrl) ?? []
	if (ours === account)
		input.QueueUrl = (await queueUrl(name)) ?? input.QueueUrl
	return sqs('SendMessage', input)
}

async function messages(name) {
	const QueueUrl = await queueUrl(name)
	const found = []
	for (;;) {
		const reply = JSON.parse((await sqs('ReceiveMessage', {
			QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0, WaitTimeSeconds: 0,
			AttributeNames: ['All'],
		})).body)
		if (!reply.Messages?.length)
			return found
		for (const m of reply.Messages) {
			found.push({ body: m.Body, group: m.Attributes?.MessageGroupId, dedup: m.Attributes?.MessageDeduplicationId })
			await sqs('DeleteMessage', { QueueUrl, ReceiptHandle: m.ReceiptHandle })
		}
	}
}

function send(response, status, body, type = 'application/x-amz-json-1.0') {
	response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
	response.end(body)
}

async function takeFault(action, request, response, body) {
	if (action.hang)
		await new Promise(done => setTimeout(done, action.hang))
	if (action.reset)
		return request.socket.destroy()
	if (action.xml)
		return send(response, 200, '<?xml version="1.0"?><ListAllMyBucketsResult/>', 'application/xml')
	if (action.md5)
		return send(response, 200, JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody: action.md5 }))
	if (action.body !== undefined)
		return send(response, action.status, action.body)
	if (action.status)
		return send(response, action.status, JSON.stringify({ __type: `com.amazonaws.sqs#${action.type}`, message: action.message ?? '' }))
	const reply = await sendMessage(body)
	if (action.after === 'reset')
		return request.socket.destroy()
	send(response, reply.status, reply.body, reply.type)
}

async function answerSqs(request, response, body) {
	const target = (request.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '')
	const bad = await checkSignature(request, body)
	const action = bad ?? (target === 'SendMessage' ? (faults.shift() ?? fault) : null)
	requests.push({ target, path: request.url, expect: request.headers.expect ?? null, refused: bad?.type ?? null, bytes: body.length })
	if (action)
		return takeFault(action, request, response, body)
	// As real SQS does, which knows no other path than that of the service.
	if (request.url !== '/')
		return send(response, 404, '{"__type":"com.amazonaws.sqs#UnknownOperationException"}')
	const reply = target === 'SendMessage' ? await sendMessage(body) : await sqs(target, body)
	send(response, reply.status, reply.body, reply.type)
}

// --- what tests ask -------------------------------------------------------------

async function answerTest(request, response, body) {
	const url = new URL(request.url, 'http://localhost')
	switch (url.pathname) {
	case '/_test/messages':
		return send(response, 200, JSON.stringify(await messages(url.searchParams.get('queue'))), 'application/json')
	case '/_test/requests':
		return send(response, 200, JSON.stringify(requests), 'application/json')
	case '/_test/faults':
		faults = JSON.parse(body)
		return send(response, 200, '{}')
	case '/_test/fault':
		fault = JSON.parse(body)
		return send(response, 200, '{}')
	case '/_test/credentials':
		if (options.authorization && request.headers.authorization !== options.authorization)
			return send(response, 401, '{"code":"AccessDenied","message":"wrong token"}')
		return send(response, 200, JSON.stringify({
			AccessKeyId: options['access-key'], SecretAccessKey: options['secret-key'], Token: options.token,
			Expiration: new Date(Date.now() + 3600000).toISOString().replace(/\.\d+Z/, 'Z'),
		}))
	}
	send(response, 404, '{}')
}

function serve(request, response) {
	const chunks = []
	request.on('data', chunk => chunks.push(chunk))
	request.on('end', () => {
		const body = Buffer.concat(chunks).toString()
		const answer = request.url.startsWith('/_test/') ? answerTest : answerSqs
		answer(request, response, body).catch(error => {
			console.error(error)
			request.socket.destroy()
		})
	})
}

for (const name of options.queue) {
	const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
	const reply = await sqs('CreateQueue', { QueueName: name, Attributes })
	if (reply.status !== 200)
		throw new Error(reply.body)
	console.error(`queue ${JSON.parse(reply.body).QueueUrl}`)
}
const server = options.cert
	? https.createServer({ cert: readFileSync(options.cert), key: readFileSync(options['key-file']) }, serve)
	: http.createServer(serve)
server.listen(0, '127.0.0.1', () => {
	writeFileSync(options['port-file'] + '.new', `${server.address().port}\n`)
	renameSync(options['port-file'] + '.new', options['port-file'])
})
const parent = process.ppid
setInterval(() => process.ppid === parent || process.exit(0), 500)
