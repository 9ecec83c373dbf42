// Through the proxy as a shop's own service would: what it gets back, as one line of JSON.
const { Client } = require('@opensearch-project/opensearch')

async function main([node, index, documents, body]) {
  const client = new Client({ node, compression: 'gzip' })
  const lines = JSON.parse(documents).flatMap((document, id) => [{ index: { _index: index, _id: `${id}` } }, document])
  const loaded = await client.bulk({ body: lines, refresh: true })
  const search = JSON.parse(body)
  const found = await client.search({ index, body: { ...search, ext: { rerank: { rank_window_size: 20 } } } })
  const sorted = { ...search, sort: ['price'] }
  const many = await client.msearch({ body: [{ index }, search, { index }, sorted, { index: 'missing' }, search] })
  const failed = await client.search({ index, body: { query: { nope: {} } } }).catch((error) => error)
  const missing = await client.search({ index: `${index}-missing`, body: search }).catch((error) => error)
  const listed = await client.cat.indices({ index, format: 'json' })
  const scrolled = []
  for await (const hit of client.helpers.scrollDocuments({ index, body: { query: { match_all: {} } } })) scrolled.push(hit)
  console.log(JSON.stringify({
    errors: loaded.body.errors,
    found: found.body,
    status: found.headers['x-endcap-status'],
    many: many.body.responses,
    failed: [failed.name, failed.statusCode, failed.body.error.type],
    missing: [missing.name, missing.statusCode, missing.body.error.type],
    listed: listed.body.length,
    scrolled: scrolled.length
  }))
}

main(process.argv.slice(2)).catch((error) => { console.error(error); process.exit(1) })
