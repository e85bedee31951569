import {createHash} from 'node:crypto';
import {appendFile, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {sendUploads, type UploadOptions} from '../../../engine/effects/upload.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {Secret} from '../../../engine/model/secret.ts';
import type {Upload} from '../../../engine/model/setting.ts';
import {uploadPath} from '../../../engine/model/upload.ts';
import {withOps} from '../../support/lab/kinds.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

let lab: Lab;
let folder: string;

const FULL = 'mkdir -p /var/cache/linerate && mount -t tmpfs -o size=256k lab /var/cache/linerate';

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linerate-upload-'));
  const ops = withOps({password: 'pass word', sudoers: 'ops ALL=(ALL) ALL'});
  lab = await startLab({hosts: [{}, ops, {prepare: FULL}, {prepare: 'own /usr/bin\nrm /usr/bin/sha256sum'}]});
});

test.after.always(async () => {
  await lab?.stop();
  await rm(folder, {recursive: true, force: true});
});

const BYTES = Buffer.alloc(3_000_001, 'any \0 bytes \u00ff\n exit 1\n');

/** A file of these bytes, and the place that it has on a host. */
const uploadOf = async (name: string, bytes: Buffer = Buffer.concat([Buffer.from(name), BYTES])): Promise<Upload> => {
  const from = path.join(folder, name);
  await writeFile(from, bytes);
  return {from, to: uploadPath(createHash('sha256').update(bytes).digest('hex'), name)};
};

const faultOf = async (
  t: ExecutionContext,
  target: Target,
  upload: Upload,
  options?: UploadOptions,
): Promise<Fault> => {
  const error = await t.throwsAsync(sendUploads(target, [upload], options));
  if (error instanceof Fault) return error;
  throw new Error(`no fault but ${String(error)}`);
};

const root = (place: number): Target & {via: 'ssh'} => hostAt(lab, place).target;

const left = async (target: Target, upload: Upload): Promise<string> =>
  (await runOn(target, `ls -A ${path.dirname(upload.to)}`)).stdout;

test('a file comes as it is, once, for root alone, and tells how far it is', async (t) => {
  const target = root(0);
  const upload = await uploadOf("a file's name");
  const told: number[] = [];
  const onProgress: UploadOptions['onProgress'] = (_upload, sent, size) => told.push(sent / size);
  t.deepEqual(await sendUploads(target, [upload, upload], {onProgress}), [upload]);
  const {stdout} = await runOn(
    target,
    `cd ${path.dirname(upload.to)} && cat -- * | sha256sum; stat -c '%a %U' . .. *; find /var/cache/linerate -name '.draft*'`,
  );
  t.is(stdout, `${path.basename(path.dirname(upload.to))}  -\n700 root\n700 root\n600 root\n`);
  t.true(told.length > 1);
  t.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  t.is(told.at(-1), 1);
  t.deepEqual(await sendUploads(target, [upload]), []);
  // What is there with other bytes is none of ours.
  await runOn(target, `cd ${path.dirname(upload.to)} && echo more >>"$(ls)"`);
  t.deepEqual(await sendUploads(target, [upload]), [upload]);
});

test('by way of a password', async (t) => {
  const become = {user: 'root', method: 'sudo', password: new Secret('pass word')} as const;
  const upload = await uploadOf('by-ops');
  t.deepEqual(await sendUploads({...root(1), user: 'ops', become}, [upload]), [upload]);
  t.is(await left(root(1), upload), 'by-ops\n');
});

test('who is not root there is told so', async (t) => {
  const fault = await faultOf(t, {...root(1), user: 'ops'}, await uploadOf('not-root'));
  t.is(fault.code, 'upload-failed');
  t.regex(fault.message, /h02 did not take .*not-root: .*Permission denied/);
});

test('a file that is not what it was promised to be is not kept', async (t) => {
  const upload = await uploadOf('changing');
  await appendFile(upload.from, 'more');
  t.is((await faultOf(t, root(0), upload)).code, 'upload-changed');
  t.is(await left(root(0), upload), '');
});

test('a file that is missing, a disk that is full, a host without sha256sum', async (t) => {
  const upload = await uploadOf('large');
  const missing = await faultOf(t, root(0), {...upload, from: path.join(folder, 'none')});
  t.like(missing, {code: 'upload-unreadable', owner: 'user'});
  t.is(await left(root(0), upload), '');
  const full = await faultOf(t, root(2), upload);
  t.like(full, {code: 'upload-failed', owner: 'host'});
  t.regex(full.message, /No space left on device/);
  t.is(await left(root(2), upload), '');
  t.is((await faultOf(t, root(3), upload)).code, 'upload-no-sha256sum');
});

test('broken off half-way, it leaves nothing', async (t) => {
  const upload = await uploadOf('half', Buffer.alloc(40_000_000, 'half'));
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  t.is((await faultOf(t, root(0), upload, {signal: stop.signal, onProgress})).code, 'interrupted');
  const gone = `tries=0; while [ -n "$(ls -A ${path.dirname(upload.to)})" ] && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done`;
  t.is((await runOn(root(0), `${gone}; ls -A ${path.dirname(upload.to)}`)).stdout, '');
});
