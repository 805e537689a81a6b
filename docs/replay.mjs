// Redoes the draw of an inspection from its replay file alone: node replay.mjs FILE
// Randomness, seed, every ticket, the selection and the frame's root, as docs/replay.md defines them; exits 1 on
// any difference. Not its matter: signatures (the log's, the verifier's, the beacon's) and proofs; for these
// `chipledger inspect replay`.
import { hash } from "node:crypto"; // Node 22 or later
import { createReadStream, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

const join = (parts) => Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
export const sha256 = (...parts) => hash("sha256", parts.length > 1 ? join(parts) : parts[0], "buffer");
const hex = (text) => Buffer.from(text, "hex");
const number = (value, bytes) => hex(BigInt(value).toString(16).padStart(2 * bytes, "0"));
const framed = (part) => join([number(Buffer.from(part).length, 4), part]);
const must = (holds, what) => { if (!holds) throw Error(`differs: ${what}`); };
const same = (one, other, what) => must(JSON.stringify(one) === JSON.stringify(other), what);

export class Tree { // RFC 9162: complete subtrees from left to right, each smaller than the one before
  peaks = [];
  add(leaf) {
    let size = 1, node = sha256(`\0${leaf}`);
    for (; this.peaks.at(-1)?.size === size; size *= 2) node = sha256("\x01", this.peaks.pop().node, node);
    this.peaks.push({ size, node });
  }
  root() {
    const nodes = this.peaks.map((peak) => peak.node);
    return nodes.length ? nodes.reduceRight((right, left) => sha256("\x01", left, right)) : sha256("");
  }
}

export class Smallest { // the n smallest tickets, equal ones by the bytes of the id
  constructor(seed, n) { Object.assign(this, { seed, n, kept: [] }); }
  add(item) {
    const ticket = sha256(this.seed, item);
    if (this.limit && ticket.compare(this.limit) > 0) return;
    if (this.kept.push({ ticket, item }) >= 2 * this.n + 1000) this.limit = this.drawn().at(-1)?.ticket ?? hex("");
  }
  drawn() {
    this.kept.sort((a, b) => a.ticket.compare(b.ticket) || Buffer.from(a.item).compare(Buffer.from(b.item)));
    return (this.kept = this.kept.slice(0, this.n));
  }
}

function randomness(pulse, told) { // of a pulse whose value is no plain hash or text, what the file tells: said aloud
  const { signature, nist, curby } = pulse, quantum = curby?.pulse.data.content.payload.randomness;
  if (signature) return sha256(hex(signature));
  if (quantum) return Buffer.from(quantum["/"].bytes, "base64");
  if (!nist) return console.error(`note: the randomness of round ${pulse.round} is taken from the file`), hex(told);
  const octets = (text) => framed(hex(text)), { external } = nist;
  return hash("sha512", join([framed(nist.uri), framed(nist.version), number(nist.cipherSuite, 4), number(nist.period, 4),
    octets(nist.certificateId), number(nist.chainIndex, 8), number(nist.pulseIndex, 8), framed(nist.timeStamp),
    octets(nist.localRandomValue), octets(external.sourceId), number(external.statusCode, 4), octets(external.value),
    ...nist.listValues.map((each) => octets(each.value)), octets(nist.precommitmentValue), number(nist.statusCode, 4),
    hex(nist.signatureValue)]), "buffer");
}

function statement({ envelope, manifest }) { // its id is SHA-256 of DSSE's encoding; nothing else is read than that
  const type = envelope.payloadType, payload = Buffer.from(envelope.payload, "base64");
  const id = sha256(`DSSEv1 ${type.length} ${type} ${payload.length} `, payload);
  return { id, ...JSON.parse(payload), lines: manifest ?? [] };
}

async function* linesOf(file) {
  let rest = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const block = Buffer.concat([rest, piece]), end = block.lastIndexOf(10) + 1;
    rest = block.subarray(end);
    if (end) yield* block.subarray(0, end - 1).toString().split("\n");
  }
  must(!rest.length, "the last line is cut off");
}

export async function replay(file) {
  must(file, "say which: node replay.mjs FILE");
  const lines = linesOf(file), header = JSON.parse((await lines.next()).value ?? "{}");
  must(header.format === "chipledger-replay-v1", "this is no replay file");
  const said = header.entries.map(statement), of = (kind) => said.filter((each) => each.kind === kind);
  const [commitment] = of("inspection.committed"), { strata, stages, beacon, direction } = commitment.body;
  const what = direction === "floor_to_book" ? "position" : "chip", names = strata.map((each) => each.name);
  const draws = of("inspection.drawn").map(({ body, lines }, place) => {
    const { round, pulse, secret } = body, { sizes } = stages[place], told = header.stages[place];
    must(body.beacon === beacon && round === stages[place].round && pulse.round === round, "beacon or round");
    must(sha256(hex(secret)).toString("hex") === stages[place].secret_sha256, "secret");
    const plain = { beacon, round, pulse, secret, sizes, strata: names };
    for (const name in plain) same(plain[name], told[name], name);
    const random = randomness(pulse, told.randomness);
    const seed = sha256(...["chipledger-draw-v1", beacon, `${round}`, random, commitment.id, hex(secret)].map(framed));
    must(random.equals(hex(told.randomness)) && seed.equals(hex(told.seed)), "randomness or seed");
    return { body, lines, told, drawn: new Map(names.map((name, i) => [name, new Smallest(seed, sizes[i])])) };
  });
  same(draws.length, header.stages.length, "stages");
  const tree = new Tree();
  let count = 0, before = "";
  for await (const line of lines) {
    const { [what]: item, stratum } = JSON.parse(line);
    must(item > before && line === JSON.stringify({ [what]: item, stratum }), `frame line ${count += 1}`);
    before = item;
    tree.add(line);
    for (const { drawn } of draws) drawn.get(stratum).add(item);
  }
  for (const { body, lines, told, drawn } of draws) {
    same(body.frame, { count, root: tree.root().toString("hex") }, "frame");
    const selection = [...drawn].flatMap(([stratum, some]) => some.drawn().map(({ ticket, item }, place) =>
      ({ [what]: item, rank: place + 1, stratum, ticket: ticket.toString("hex") })));
    same(selection, told.selection, "selection");
    same(selection.map((each) => each[what]).sort(), lines.map((each) => each[what]), "the selection that was signed");
  }
  return header.stages;
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) try {
  for (const { stage, seed, selection } of await replay(process.argv[2])) {
    console.log(`stage ${stage} seed ${seed}`);
    for (const one of selection) console.log(`${one.stratum} ${one.rank} ${one.chip ?? one.position} ${one.ticket}`);
  }
} catch (fault) { console.error(fault.message), process.exitCode = 1; }
