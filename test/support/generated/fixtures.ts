import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {type Facts, parseFacts} from '../../../engine/facts/facts.ts';
import {type Frames, parseFrames} from '../../../engine/facts/frames.ts';
import {type Recording, readRecordingText} from '../../../engine/facts/recording-text.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {planSentences} from '../../../engine/plan/sentences.ts';
import {sheetSysctls} from '../../../engine/plan/sheet-sysctls.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {TOKEN, generatedFrames} from './probe.ts';
import {type HostSpec, hostSpec} from './spec.ts';

const FOLDER = path.join(import.meta.dirname, '../../fixtures/hosts');
const SHEETS = loadSheets();
const ANSWERS = new Map<string, Recording>();

/** Generated (`host.json`) and recorded (`host.rec`) hosts, by the names of their folders. */
export const hostNames = (): readonly string[] => readdirSync(FOLDER).toSorted();

const textOf = (name: string, file: string): string => readFileSync(path.join(FOLDER, name, file), 'utf8');

/** The spec of a generated host; undefined for a recorded one. */
export const specOf = (name: string): HostSpec | undefined =>
  existsSync(path.join(FOLDER, name, 'host.json')) ? hostSpec(JSON.parse(textOf(name, 'host.json'))) : undefined;

const answered = (name: string): Recording => {
  const spec = specOf(name);
  if (spec) return {token: TOKEN, text: generatedFrames(spec, {sysctls: sheetSysctls(SHEETS)})};
  const recording = readRecordingText(textOf(name, 'host.rec'));
  if ('reason' in recording) throw new Error(`${name}/host.rec: ${recording.reason}`);
  return recording;
};

/** What the probe prints on the host; made or read once. */
export const answerOf = (name: string): Recording => {
  const answer = ANSWERS.get(name) ?? answered(name);
  ANSWERS.set(name, answer);
  return answer;
};

/** What the probe brings back from the host. */
export const framesOf = (name: string): Frames => {
  const {text, token} = answerOf(name);
  return parseFrames(text, token);
};

/** What linerate sees on the host. */
export const factsOf = (name: string): Facts => parseFacts(framesOf(name));

/** The host's plan, with linerate's own sheets, for the workload of its spec or another one. */
export const planOf = (name: string, facts: Facts, workload = specOf(name)?.workload): Plan =>
  planHost(
    name,
    facts,
    SHEETS,
    parsePlanVariables(workload === undefined ? {} : {linerate_workload: workload}, () => undefined),
  );

/** What the plan should say, one sentence a line, as a person has checked it. */
export const expectedSentences = (name: string): readonly string[] =>
  textOf(name, 'sentences.txt').trimEnd().split('\n');

// Run by a person: prints what the plans say now, for review before it becomes a fixture.
if (import.meta.main) {
  for (const name of process.argv.slice(2)) {
    const facts = factsOf(name);
    console.log(planSentences(planOf(name, facts), facts.cpu).join('\n'));
  }
}
