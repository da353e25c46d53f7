// Callers that append one event each to a new stream, by Emmett's own event store for PostgreSQL.
// Usage: node emmett.mjs URL CALLERS SECONDS. Says what became of the calls as JSON.
import { randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const [url, callers, seconds] = process.argv.slice(2);
const store = getPostgreSQLEventStore(url);
const note =
  '苏州恒通 ordered 24 bottles of iced tea 500 ml, to be delivered on Thursday before noon at the ' +
  'east gate';

const append = () =>
  store.appendToStream(
    `tally-${randomUUID()}`,
    [{ type: 'Counted', data: { by: 1, note } }],
    { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' },
  );

// The first call makes the tables and opens a connection.
await append();
const latencies = [];
const started = performance.now();
const deadline = started + Number(seconds) * 1000;
const caller = async () => {
  for (let begun = performance.now(); begun < deadline; begun = performance.now()) {
    await append();
    latencies.push(Math.round((performance.now() - begun) * 1000));
  }
};
await Promise.all(Array.from({ length: Number(callers) }, caller));
const elapsed = (performance.now() - started) / 1000;
await store.close();
console.log(JSON.stringify({ seconds: elapsed, latencies_us: latencies }));
