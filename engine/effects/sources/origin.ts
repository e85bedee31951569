import type {LockedFile, LockedSource, SourceRequest} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';

export type RequestFrom<From extends SourceRequest['from']> = Extract<SourceRequest, {from: From}>;

/** A kind of place that sources come from. */
export type Origin<Request extends SourceRequest> = {
  /** What a request stands for now; files that it had to fetch for that are in the store afterwards. */
  resolve: (name: string, request: Request, store: Store, context: SourceContext) => Promise<LockedSource>;
  /** Brings a pinned file into the store, and says where it lies there. */
  fetch: (
    name: string,
    request: Request,
    pinned: {file: LockedFile; version: string},
    store: Store,
    context: SourceContext,
  ) => Promise<string>;
};
