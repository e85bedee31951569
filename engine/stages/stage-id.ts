import {canonical} from '../model/canonical.ts';
import type {Digest, Hash, StageRecord} from './stage.ts';

/** What a stage's output is known by: the SHA-256 of all that goes into it but its name. */
export const stageId = ({name: _name, ...record}: StageRecord, hash: Hash): Digest =>
  hash(canonical({format: 'linerate-stage', version: 1, ...record}));
