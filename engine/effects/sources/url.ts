import {stat} from 'node:fs/promises';
import type {LockedFile} from '../../stages/sources/lock.ts';
import {nameIn} from '../../stages/sources/address.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {download} from './download.ts';
import type {Origin, RequestFrom} from './origin.ts';
import {withPartial} from './partial.ts';
import {fetchFile} from './fetch-file.ts';
import {demandSignature} from './signature.ts';

type Request = RequestFrom<'url'>;

const there = async (url: string, sha256: string | undefined, store: Store): Promise<LockedFile | undefined> => {
  const file = sha256 === undefined ? undefined : await store.source(sha256);
  if (file === undefined || sha256 === undefined) return undefined;
  return {name: nameIn(url), sha256, size: (await stat(file)).size, urls: [url]};
};

const takeIn = async (url: string, sha256: string | undefined, store: Store, context: SourceContext) =>
  (await there(url, sha256, store)) ??
  withPartial(store, `${url} ${sha256 ?? ''}`, context.signal, async (partial): Promise<LockedFile> => {
    const name = nameIn(url);
    const pin = sha256 === undefined ? {} : {sha256};
    const found = await download({url, name, headers: {}, pinned: sha256 !== undefined, ...pin}, partial, context);
    const size = await partial.size();
    await store.addSource(found, partial.file);
    return {name, sha256: found, size, urls: [url]};
  });

const demandSigned = async (request: Request, data: LockedFile, store: Store, context: SourceContext) => {
  if (!request.signature) return [];
  const {url, key} = request.signature;
  const signature = await takeIn(url, undefined, store, context);
  const [dataFile, signatureFile] = [await store.source(data.sha256), await store.source(signature.sha256)];
  if (dataFile === undefined || signatureFile === undefined) throw new Error('the store lost a file just added');
  const urls = {data: request.url, signature: url};
  await demandSignature({data: dataFile, signature: signatureFile, urls, key}, context);
  return [signature];
};

/** Files behind addresses. */
export const urlOrigin: Origin<Request> = {
  async resolve(_name, request, store, context) {
    const file = await takeIn(request.url, request.sha256, store, context);
    const signature = await demandSigned(request, file, store, context);
    return {request, version: file.name, files: [file, ...signature]};
  },
  fetch: async (name, _request, {file}, store, context) => fetchFile(name, file, store, context),
};
