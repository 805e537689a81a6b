// Redoes the draw of an inspection from its replay file alone: node replay.mjs FILE
// Randomness, seed, every ticket, the selection and the frame's root, as docs/replay.md defines them; exits 1 on
// any difference. Not its matter: signatures (the log's, the verifier's, the beacon's) and proofs; for these
// `chipledger inspect replay`.
import { createHash } from "node:crypto";
import { createReadStream, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

const hash = (name, ...parts) => parts.reduce((sum, part) => sum.update(part), createHash(name)).digest();
export const sha256 = (...parts) => hash("sha256", ...parts);
const hex = (text) => Buffer.from(text, "hex");
const number = (value, bytes) => hex(BigInt(value).toString(16).padStart(2 * bytes, "0"));
const framed = (part) => Buffer.concat([number(Buffer.from(part).length, 4), Buffer.from(part)]);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Tree { // RFC 9162: complete subtrees from left to right, each smaller than the one before
  peaks = [];
  add(leaf) {
    let size = 1, node = sha256("\0", leaf);
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
    if (this.kept.push({ ticket, item }) >= 2 * this.n + 1000) this.limit = this.drawn().at(-1)?.ticket ?? ticket;
  }
  drawn() {
    this.kept.sort((a, b) => a.ticket.compare(b.ticket) || Buffer.compare(Buffer.from(a.item), Buffer.from(b.item)));
    return (this.kept = this.kept.slice(0, this.n));
  }
}

function nist(p) { // SHA-512 over the signed fields and the signature
  const octets = (text) => framed(hex(text)), e = p.external;
  return hash("sha512", framed(p.uri), framed(p.version), number(p.cipherSuite, 4), number(p.period, 4), octets(p.certificateId),
    number(p.chainIndex, 8), number(p.pulseIndex, 8), framed(p.timeStamp), octets(p.localRandomValue), octets(e.sourceId),
    number(e.statusCode, 4), octets(e.value), ...p.listValues.map((each) => octets(each.value)), octets(p.precommitmentValue),
    number(p.statusCode, 4), hex(p.signatureValue));
}

export function randomness(pulse, told) { // drand, NIST, CURBy's quantum rounds; of others what the file tells, aloud
  if (pulse.signature) return sha256(hex(pulse.signature));
  if (pulse.nist) return nist(pulse.nist);
  const quantum = pulse.curby?.pulse.data.content.payload.randomness;
  if (quantum) return Buffer.from(quantum["/"].bytes, "base64");
  console.error(`note: the randomness of round ${pulse.round} is taken from the file, as it is not a plain hash`);
  return hex(told);
}

function statement(entry) { // the id is SHA-256 of DSSE's encoding; nothing is read but what is under it
  const type = entry.envelope.payloadType, payload = Buffer.from(entry.envelope.payload, "base64");
  const id = sha256(`DSSEv1 ${type.length} ${type} ${payload.length} `, payload);
  return { id, ...JSON.parse(payload), lines: entry.manifest ?? [] };
}

async function* linesOf(file) {
  let rest = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const block = Buffer.concat([rest, piece]), end = block.lastIndexOf(10) + 1;
    rest = block.subarray(end);
    if (end) yield* block.subarray(0, end - 1).toString().split("\n");
  }
  if (rest.length) throw Error("the file is cut off");
}

export async function replay(file) {
  const lines = linesOf(file), header = JSON.parse((await lines.next()).value);
  const must = (holds, what) => { if (!holds) throw Error(`differs: ${what}`); };
  must(header.format === "chipledger-replay-v1", "format");
  const said = header.entries.map(statement), commitment = said.find((each) => each.kind === "inspection.committed");
  const { strata, stages, beacon, direction } = commitment.body, what = direction === "floor_to_book" ? "position" : "chip";
  const draws = said.filter((each) => each.kind === "inspection.drawn").map((draw, place) => {
    const told = header.stages[place], { round, pulse, secret } = draw.body, { sizes, secret_sha256 } = stages[place];
    must(round === stages[place].round && draw.body.beacon === beacon, "round");
    must(sha256(hex(secret)).toString("hex") === secret_sha256, "secret");
    const plain = { beacon, round, pulse, secret, sizes, strata: strata.map((each) => each.name) };
    for (const name in plain) must(same(plain[name], told[name]), name);
    const random = randomness(pulse, told.randomness);
    const seed = sha256(...["chipledger-draw-v1", beacon, `${round}`, random, commitment.id, hex(secret)].map(framed));
    must(random.equals(hex(told.randomness)) && seed.equals(hex(told.seed)), "randomness or seed");
    return { draw, told, seed, drawn: new Map(strata.map((each, i) => [each.name, new Smallest(seed, sizes[i])])) };
  });
  const tree = new Tree();
  let count = 0, before = "";
  for await (const line of lines) {
    const { [what]: item, stratum } = JSON.parse(line);
    count += 1;
    must(item > before && line === JSON.stringify({ [what]: item, stratum }), `frame line ${count}`);
    before = item;
    tree.add(line);
    for (const { drawn } of draws) drawn.get(stratum).add(item);
  }
  for (const { draw, told, drawn } of draws) {
    must(draw.body.frame.count === count && draw.body.frame.root === tree.root().toString("hex"), "frame");
    const selection = [...drawn].flatMap(([stratum, some]) => some.drawn().map(({ ticket, item }, place) =>
      ({ [what]: item, rank: place + 1, stratum, ticket: ticket.toString("hex") })));
    must(same(selection, told.selection), "selection");
    must(same(selection.map((each) => each[what]).sort(), draw.lines.map((each) => each[what])), "the signed selection");
  }
  return draws.map(({ told, seed }) => ({ stage: told.stage, seed: seed.toString("hex"), selection: told.selection }));
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    for (const { stage, seed, selection } of await replay(process.argv[2])) {
      console.log(`stage ${stage} seed ${seed}`);
      for (const { stratum, rank, ticket, chip, position } of selection) console.log(`${stratum} ${rank} ${chip ?? position} ${ticket}`);
    }
  } catch (fault) {
    console.error(fault.message);
    process.exitCode = 1;
  }
}
