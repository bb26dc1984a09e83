// An independent client: speaks to a served demonstration site through a second gRPC
// implementation, from the .proto files alone.
//
//   node client.mjs --site DIR --user tech1
//
// DIR is a site of deploy/quickstart: DIR/client holds the terminal's key and certificate,
// DIR/demo the passwords. Prints a line for each check; exit code 1 when one failed.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const TIMEOUT_MS = 20_000;
const DAY_MS = 86_400_000;
const SUPERVISOR = 'sup1';
const AUDITOR = 'auditor1';
const PARENT = 'MCB-2025-0001';

const { values: options } = parseArgs({
  options: { site: { type: 'string' }, user: { type: 'string', default: 'tech1' } },
});
if (!options.site) {
  console.error('usage: node client.mjs --site DIR [--user USER]');
  process.exit(2);
}
const technician = options.user;
const file = (...names) => readFileSync(join(options.site, ...names));

const services = ['access', 'lot', 'run', 'audit'].map((name) => `lims/v1/${name}_service.proto`);
const definitions = loadSync(
  ['google/rpc/status.proto', 'google/rpc/error_details.proto', ...services],
  {
    includeDirs: [fileURLToPath(new URL('../../../proto', import.meta.url))],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  },
);
const { lims } = grpc.loadPackageDefinition(definitions);
const address = file('client', 'server').toString().trim();

// ---- calls

// The clients of all services over one channel of its own.
function connect(credentials) {
  const channel = new grpc.Channel(address, credentials, { 'grpc.use_local_subchannel_pool': 1 });
  const client = (name) => new lims.v1[name](address, credentials, { channelOverride: channel });
  return {
    access: client('AccessService'),
    lot: client('LotService'),
    run: client('RunService'),
    audit: client('AuditService'),
    close: () => channel.close(),
  };
}

// The response; throws the refusal. Every call has a deadline, unless `limits` says otherwise.
function call(client, method, request, session = '', limits = undefined) {
  const metadata = new grpc.Metadata();
  if (session) metadata.set('authorization', session);
  limits ??= { deadline: Date.now() + TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    client[method](request, metadata, limits, (error, response) =>
      error ? reject(error) : resolve(response));
  });
}

// What a refusal says, from its code and the grpc-status-details-bin trailer; null when the call
// was not refused.
async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error.code === undefined) throw error;
    const [details] = error.metadata?.get('grpc-status-details-bin') ?? [];
    const found = { code: grpc.status[error.code], message: error.details, violations: [] };
    if (!details) return found;
    const status = definitions['google.rpc.Status'].deserialize(details);
    found.inner = grpc.status[status.code];
    for (const detail of status.details) {
      const message = definitions[detail.type_url.split('/').pop()].deserialize(detail.value);
      if (detail.type_url.endsWith('.ErrorInfo')) Object.assign(found, message);
      if (detail.type_url.endsWith('.BadRequest')) found.violations = message.field_violations;
    }
    return found;
  }
}

async function logIn(clients, user) {
  const password = file('demo', `${user}.password`).toString().trim();
  return call(clients.access, 'LogIn', { user_id: user, password });
}

// ---- checks

let passed = 0;
let failed = 0;

// `seen` is printed when the check fails.
function check(what, holds, seen = undefined) {
  if (holds) {
    ++passed;
    console.log(`ok - ${what}`);
  } else {
    ++failed;
    console.log(`not ok - ${what}${seen === undefined ? '' : `: ${JSON.stringify(seen)}`}`);
  }
}

// A refusal by INVALID_ARGUMENT whose violations name exactly these fields.
function namesFields(refused, fields) {
  return refused?.code === 'INVALID_ARGUMENT' && refused.reason === 'INVALID_ARGUMENT' &&
    refused.violations.map((violation) => violation.field).sort().join() === fields.join() &&
    refused.violations.every((violation) => violation.description !== '');
}

async function checkRegistration(clients, session, request) {
  const first = await call(clients.lot, 'RegisterLot', request, session);
  check('RegisterLot registers a drug product lot in quarantine',
    first.lot.lot_id === request.lot_id && first.lot.kind === 'LOT_KIND_DRUG_PRODUCT' &&
    first.lot.disposition === 'DISPOSITION_QUARANTINE' &&
    first.lot.registered_by === technician && first.lot.specification_revision > 0 &&
    first.lot.parents.map((parent) => parent.lot_id).join() === PARENT, first.lot);
  check('its receipt names log index, leaf hash and a signed checkpoint that covers it',
    /^[0-9a-f]{64}$/.test(first.receipt.leaf_hash) && first.receipt.event_count === 1 &&
    Number(first.receipt.checkpoint.split('\n')[1]) > Number(first.receipt.log_index) &&
    !first.receipt.replayed, first.receipt);

  const again = await call(clients.lot, 'RegisterLot', request, session);
  check('the same request again has the same receipt, replayed',
    again.receipt.replayed && again.receipt.log_index === first.receipt.log_index &&
    again.receipt.leaf_hash === first.receipt.leaf_hash &&
    again.receipt.event_count === first.receipt.event_count &&
    JSON.stringify(again.lot) === JSON.stringify(first.lot), again);

  const other = await refusal(
    call(clients.lot, 'RegisterLot', { ...request, donor_code: 'D-2025-018' }, session));
  check('other content under the same request id is refused: REQUEST_ID_REUSED',
    other?.code === 'INVALID_ARGUMENT' && other.inner === other.code &&
    other.reason === 'REQUEST_ID_REUSED' && other.domain === 'lims', other);
  const taken = await refusal(
    call(clients.lot, 'RegisterLot', { ...request, request_id: randomUUID() }, session));
  check('the same lot under a new request id is refused: ALREADY_EXISTS',
    taken?.code === 'ALREADY_EXISTS' && taken.reason === 'ALREADY_EXISTS', taken);
  return first;
}

async function checkBadRequests(clients, session, good) {
  const send = (changes, limits) => refusal(call(clients.lot, 'RegisterLot',
    { ...good, request_id: randomUUID(), lot_id: `${good.lot_id}-bad`, ...changes }, session,
    limits));
  const empty = await send({ kind: 'LOT_KIND_UNSPECIFIED', manufacture_time: '' });
  check('a lot without kind and time of manufacture is refused by the names of both fields',
    namesFields(empty, ['kind', 'manufacture_time']), empty);
  const unknown = await send({ kind: 99 });
  check('an unknown kind is refused by its name', namesFields(unknown, ['kind']), unknown);
  const zoneless = await send({ manufacture_time: '2026-01-05T10:00:00' });
  check('a time without zone is refused by its name',
    namesFields(zoneless, ['manufacture_time']), zoneless);
  const orphan = await send({ parents: [{ lot_id: PARENT }, { lot_id: 'NO-SUCH-LOT' }] });
  check('an unknown parent is refused by its place in the list',
    namesFields(orphan, ['parents[1].lot_id']), orphan);
  const upper = await send({ request_id: randomUUID().toUpperCase() });
  check('an upper-case request id is refused', namesFields(upper, ['request_id']), upper);
  const endless = await send({}, {});
  check('a write without deadline is refused', namesFields(endless, ['deadline']), endless);
  const stranger = await refusal(call(clients.lot, 'GetLot', { lot_id: good.lot_id }));
  check('a call without session is refused: UNAUTHENTICATED',
    stranger?.code === 'UNAUTHENTICATED' && stranger.reason === 'UNAUTHENTICATED', stranger);
}

async function checkConfirmation(clients, session, supervisor, registered) {
  const request = {
    lot_id: registered.lot_id,
    manufacture_time: registered.manufacture_time,
    parents: registered.parents,
  };
  const own = await refusal(
    call(clients.lot, 'ConfirmLot', { ...request, request_id: randomUUID() }, session));
  check('who registered the lot may not confirm it: SEGREGATION',
    own?.code === 'PERMISSION_DENIED' && own.reason === 'SEGREGATION', own);
  const confirmed = await call(clients.lot, 'ConfirmLot',
    { ...request, request_id: randomUUID() }, supervisor);
  check('a second person confirms it', confirmed.lot.confirmed_by === SUPERVISOR, confirmed.lot);
}

async function checkSample(clients, session, supervisor, lotId, sampleId) {
  const write = (method, fields, who) => call(clients.lot, method,
    { request_id: randomUUID(), sample_id: sampleId, ...fields }, who);
  const planned = await write('PlanSample', {
    lot_id: lotId,
    purpose: 'PURPOSE_RELEASE',
    sampling_point: 'DP',
    container: '1',
    amount: { value: '5.0', unit: 'mL' },
    storage: '<= -150 °C',
  }, session);
  check('a sample is planned, its amount and storage kept as typed',
    planned.sample.state === 'SAMPLE_STATE_PLANNED' && planned.sample.amount.value === '5.0' &&
    planned.sample.storage === '<= -150 °C', planned.sample);
  const taken = await write('TakeSample', { taken_time: new Date().toISOString() }, session);
  check('the sample is taken', taken.sample.state === 'SAMPLE_STATE_TAKEN' &&
    taken.sample.taken_by === technician, taken.sample);
  const received = await write('ReceiveSample', { condition: 'frozen, seal intact' }, supervisor);
  check('the sample is received', received.sample.state === 'SAMPLE_STATE_RECEIVED' &&
    received.sample.received_by === SUPERVISOR, received.sample);
}

async function checkResult(clients, session, lotId, sampleId) {
  const send = (value, setup) => call(clients.run, 'SubmitResult', {
    request_id: randomUUID(),
    lot_id: lotId,
    panel: 'PH',
    sample_id: sampleId,
    entries: [{ input: 'PH', replicate: 1, value: { value, unit: '[pH]' } }],
    instrument: 'bench 1',
    setup,
  }, session);
  const setup = [
    { name: 'calibration_points', value: '2' },
    { name: 'calibration_slope', value: '99.1', unit: '%' },
  ];
  const typo = await refusal(send('72', setup));
  check('a value outside the plausible range is asked back before it is recorded',
    typo?.code === 'INVALID_ARGUMENT' &&
    typo.violations.some((violation) => violation.field.endsWith('.plausibility')), typo);
  const judged = await send('7.2', setup);
  const [result] = judged.results;
  check('a typed value is judged against its line',
    judged.results.length === 1 && result.line_code === 'PH' && result.value_raw === '7.2' &&
    result.value_reported === '7.2' && result.unit === '[pH]' &&
    result.verdict === 'VERDICT_PASS' && result.source === 'RESULT_SOURCE_DIRECT', result);
  check('its attempt is valid and its run submitted, with the setup as declared',
    judged.attempt.outcome === 'OUTCOME_VALID' && judged.run.state === 'RUN_STATE_SUBMITTED' &&
    judged.run.setup.some((value) => value.name === 'calibration_slope' && value.value === '99.1'),
    { attempt: judged.attempt, run: judged.run });
  return judged;
}

async function checkBlockers(clients, auditor, lotId) {
  const state = await call(clients.lot, 'GetBlockers', { lot_id: lotId }, auditor);
  const kinds = (what) => state.blockers.filter((blocker) => blocker.what === what)
    .map((blocker) => blocker.kind).join();
  check('the lot is not releasable; its pH is tested but not reviewed, its appearance not tested',
    !state.releasable && kinds('PH') === 'BLOCKER_KIND_NOT_REVIEWED' &&
    kinds('APP') === 'BLOCKER_KIND_NOT_TESTED', state);
}

async function checkLog(clients, auditor, lotId, registered, judged) {
  const stream = `lot/${lotId}`;
  const entries = [];
  let pages = 0;
  let token = '';
  do {
    const page = await call(clients.audit, 'ListEvents',
      { stream, page_size: 3, page_token: token }, auditor);
    entries.push(...page.entries);
    token = page.next_page_token;
    ++pages;
  } while (token !== '');
  check('the events of the lot come in pages', pages > 1 && entries.length > 4, entries.length);

  // Fields at their default are left out of the canonical bytes.
  const events = entries.map(({ entry }) => ({ pos: 0, prev: '', ...JSON.parse(entry) }));
  const leaves = entries.map(({ entry }) =>
    createHash('sha256').update(Buffer.from([0])).update(entry, 'utf8').digest('hex'));
  check('each event names its stream and log index', events.every((event, i) =>
    event.stream === stream && String(event.index) === entries[i].index), events);
  check('positions are gap-free from 0',
    events.every((event, i) => event.pos === i), events.map((event) => event.pos));
  check('each event holds the leaf hash of the one before',
    events.every((event, i) => event.prev === (i === 0 ? '' : leaves[i - 1])),
    events.map((event) => event.prev));
  check('the first event is the one of the receipt',
    String(events[0].index) === registered.receipt.log_index &&
    leaves[0] === registered.receipt.leaf_hash && events[0].act === 'ACT_REGISTER_LOT' &&
    events[0].actor.user_id === technician, events[0]);
  const found = events.filter((event) => event.act === 'ACT_SUBMIT_RESULT')
    .flatMap((event) => event.records).map((record) => record.result).filter(Boolean);
  check('the log holds the result value', found.length === 1 && found[0].line_code === 'PH' &&
    found[0].value_raw === '7.2' && found[0].value_reported === '7.2', found);
  check('the log holds the act of the result\'s receipt',
    events.some((event) => String(event.act_index ?? 0) === judged.receipt.log_index),
    judged.receipt);
}

// A self-made certificate with the terminal's own subject, which no CA of the site signed.
function selfMadeCertificate() {
  const directory = mkdtempSync(join(tmpdir(), 'lims-client-'));
  try {
    const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(directory, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
      'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=console', '-days', '1', '-keyout',
      key, '-out', certificate], { stdio: 'pipe' });
    return [readFileSync(key), readFileSync(certificate)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// Whether the server, after a handshake in which it sees this certificate, says a word of HTTP/2.
// In TLS 1.3 a client learns only so that its certificate was refused.
function isServed(ca, key, cert) {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, ca, key, cert, ALPNProtocols: ['h2'] });
    const end = (served) => { socket.destroy(); resolve(served); };
    socket.setTimeout(TIMEOUT_MS, () => end(false));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

async function checkStrangers(ca, terminal) {
  check('the enrolled terminal is served', await isServed(ca, ...terminal));
  const strangers = {
    'without certificate': [],
    'with a self-made certificate': selfMadeCertificate(),
  };
  for (const [which, certificate] of Object.entries(strangers)) {
    check(`a terminal ${which} is not served`, !await isServed(ca, ...certificate));
    const clients = connect(grpc.credentials.createSsl(ca, ...certificate));
    const refused = await refusal(logIn(clients, technician));
    clients.close();
    check('its log-in with the right password fails', refused?.code === 'UNAVAILABLE', refused);
  }
}

async function main() {
  const ca = file('client', 'ca.pem');
  const terminal = [file('client', 'terminal.key'), file('client', 'terminal.pem')];
  await checkStrangers(ca, terminal);
  const clients = connect(grpc.credentials.createSsl(ca, ...terminal));
  try {
    const opened = await logIn(clients, technician);
    check(`${technician} logs in over the enrolled terminal`,
      opened.session !== '' && opened.user.user_id === technician && !opened.password_must_change);
    const session = opened.session;
    const supervisor = (await logIn(clients, SUPERVISOR)).session;
    const auditor = (await logIn(clients, AUDITOR)).session;

    const lotId = `JS-${randomUUID().slice(0, 8)}`;
    const sampleId = `${lotId}-S1`;
    const request = {
      request_id: randomUUID(),
      lot_id: lotId,
      kind: 'LOT_KIND_DRUG_PRODUCT',
      product_id: 'HUC-MSC-INJ',
      parents: [{ lot_id: PARENT }],
      donor_code: 'D-2025-017',
      manufacture_time: new Date(Date.now() - DAY_MS).toISOString(),
      expiry: new Date(Date.now() + 300 * DAY_MS).toISOString().slice(0, 10),
    };
    const registered = await checkRegistration(clients, session, request);
    await checkBadRequests(clients, session, request);
    await checkConfirmation(clients, session, supervisor, registered.lot);
    await checkSample(clients, session, supervisor, lotId, sampleId);
    const judged = await checkResult(clients, session, lotId, sampleId);
    await checkBlockers(clients, auditor, lotId);
    await checkLog(clients, auditor, lotId, registered, judged);
  } finally {
    clients.close();
  }
}

try {
  await main();
} catch (error) {
  check('no call fails that should succeed', false,
    error.code === undefined ? String(error.stack) : await refusal(Promise.reject(error)));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
