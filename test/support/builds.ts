import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {buildStages} from '../../engine/actions/build.ts';
import type {BuildEvent, BuildOptions, BuildReport} from '../../engine/actions/build-types.ts';
import {openBuilders} from '../../engine/effects/builders/open-builders.ts';
import {openStore} from '../../engine/effects/store/open-store.ts';
import type {Store} from '../../engine/effects/store/store.ts';
import type {Stage} from '../../engine/stages/stage.ts';

const folders: string[] = [];
const programs: ChildProcess[] = [];

process.on('exit', () => {
  for (const program of programs) program.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** A folder that goes with the program. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-build-'));
  folders.push(folder);
  return folder;
};

/** A stage of this machine that is made from others; its script is what a test is about. */
export const stage = (
  name: string,
  script: string,
  {inputs = {}, ...rest}: Partial<Omit<Stage, 'inputs'>> & {inputs?: Readonly<Record<string, string>>} = {},
): Stage => ({
  name,
  script,
  inputs: Object.fromEntries(Object.entries(inputs).map(([input, from]) => [input, {stage: from}])),
  tools: [],
  builder: 'here',
  ...rest,
});

export type Built = {report: BuildReport; events: readonly BuildEvent[]};

/** Builds stages without sources, in a store of their own unless one is given. */
export const build = async (
  stages: readonly Stage[],
  store: Store = openStore(path.join(scratchFolder(), 'store')),
  options: Partial<BuildOptions> = {},
): Promise<Built> => {
  const events: BuildEvent[] = [];
  const report = await buildStages(stages, {
    store,
    sources: {locked: {}, fetch: async () => Promise.reject(new Error('there are no sources'))},
    builder: openBuilders({cache: path.join(store.folder, 'cache'), ccache: false}),
    signal: new AbortController().signal,
    processors: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {report, events};
};

/** `a found, b built`. */
export const states = ({report}: Built): string => report.stages.map(({name, state}) => `${name} ${state}`).join(', ');

const PROGRAM = path.resolve(import.meta.dirname, 'build-program.ts');

/**
 * Builds stages in a program of its own, so that it can be killed, or run under another one (`unshare`, `setpriv`). Its events
 * come as JSON, one a line; it ends with status 3 where a stage failed.
 */
export const buildProgram = (
  stages: readonly Stage[],
  store: string,
  under: readonly string[] = [],
): {child: ChildProcess; lines: string[]; until: (text: string) => Promise<void>; ended: Promise<number | null>} => {
  const words = [...under, process.execPath, PROGRAM, store, JSON.stringify(stages)];
  const child = spawn('/usr/bin/env', words, {stdio: ['ignore', 'pipe', 'pipe']});
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const hear = (chunk: string): void => {
    lines.push(chunk);
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  programs.push(child);
  return {
    child,
    lines,
    ended,
    until: async (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!lines.join('').includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        child.on('close', () => {
          reject(new Error(`it ended without "${text}": ${lines.join('')}`));
        });
      }),
  };
};
