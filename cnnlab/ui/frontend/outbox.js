// Frames on their way to the server, each with its number, in batches: one batch at a time.
//
// A frame is kept until the server says in `data.received` up to which number it has everything. A rerun of the
// page can swallow a batch or deliver it twice; it is sent again, and capture.py knows the numbers it has had.

const BATCH = 8;
const MOST_WAITING = 200; // 40 s of film: a server that is slower than that gets no more
const PATIENCE_MILLISECONDS = 8000;

const clients = new Map(); // data.name -> outbox; it outlives the element, so leaving the page loses nothing

function clientOf(name) {
  if (!clients.has(name)) {
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    clients.set(name, { id, last: 0, waiting: [], sentAt: 0, post: null });
  }
  return clients.get(name);
}

function acknowledge(client, received) {
  const upTo = received?.[client.id];
  if (upTo === undefined) return;
  const before = client.waiting.length;
  client.waiting = client.waiting.filter((frame) => frame.number > upTo);
  if (client.waiting.length < before) client.sentAt = 0;
  send(client);
}

function send(client) {
  const inFlight = client.sentAt && performance.now() - client.sentAt < PATIENCE_MILLISECONDS;
  if (inFlight || !client.waiting.length || !client.post) return;
  client.sentAt = performance.now();
  client.post({ client: client.id, frames: client.waiting.slice(0, BATCH) });
}
