import type {BuildReport} from '../../actions/build-types.ts';
import {plainProgress} from '../build-plain.ts';
import type {BuildProgress, ProgressOptions} from '../build-progress.ts';
import type {Context} from '../context.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import {buildJson, buildSummary} from '../render/build.ts';
import {packageVersion} from '../version.ts';
import {renderFault} from '../render/fault.ts';

export type BuildCommandOptions = {
  format: readonly string[];
  target?: readonly string[];
  out?: string;
  repositories?: boolean;
  signKey?: string;
  store?: string;
  why?: boolean;
  offline?: boolean;
  debug?: boolean;
  prove?: boolean;
  keepGoing?: boolean;
  jobs?: number;
  parallel: number;
  ccache: boolean;
  builder: readonly string[];
  distcc?: string;
  json?: boolean;
};

/** Live lines on a terminal, plain ones otherwise, and where a shell may need the terminal for itself. */
const progressFor = async (options: ProgressOptions & {debug: boolean}): Promise<BuildProgress> => {
  if (!options.output.interactive || options.debug) return plainProgress(options);
  const {liveProgress} = await import('../build-live.ts');
  return liveProgress(options);
};

const showFailures = ({stages}: BuildReport, {output, exit}: Context): void => {
  const failed = stages.flatMap((stage) => (stage.state === 'failed' ? stage.faults : []));
  for (const fault of failed) output.err(renderFault(fault, output));
  if (failed.length > 0) exit(exitCodeOf(failed));
};

/** The passphrase comes by a variable, as every user may read what programs are called with. */
const signing = (
  {signKey, out}: BuildCommandOptions,
  passphrase: string | undefined,
): {key?: {file: string; passphrase?: string}} =>
  signKey === undefined || out === undefined
    ? {}
    : {key: {file: signKey, ...(passphrase === undefined ? {} : {passphrase})}};

const finishing = async <T>(work: Promise<T>, progress: BuildProgress): Promise<T> => {
  try {
    return await work;
  } finally {
    await progress.stop();
  }
};

/** Builds, with progress on standard error; what was built is listed on standard output, a path a line. */
export const runBuild = async (
  targets: readonly string[],
  options: BuildCommandOptions,
  context: Context,
): Promise<void> => {
  const {output, signal} = context;
  const began = performance.now();
  const {buildTargets, buildRequest, defaultStore, proveTargets} = await import('../../actions/build-targets.ts');
  const {why = false, debug = false, parallel} = options;
  const request = buildRequest(options.format, options.target, options.repositories);
  const progress = await progressFor({why, debug, parallel, output});
  const wanted = {
    request,
    store: options.store ?? defaultStore(process.env),
    environment: process.env,
    signal,
    offline: options.offline ?? false,
    ccache: options.ccache,
    machines: options.builder,
    keepGoing: options.keepGoing ?? false,
    debug,
    parallel,
    onEvent: progress.onEvent,
    onWarning: (sentence: string) => {
      output.err(`${output.paintError('yellow', 'warning:')} ${sentence}\n`);
    },
    ...(options.jobs === undefined ? {} : {processors: options.jobs}),
    ...(options.out === undefined ? {} : {out: options.out}),
    ...(options.distcc === undefined ? {} : {distcc: options.distcc}),
    ...signing(options, process.env['LINERATE_SIGN_PASSPHRASE']),
    version: packageVersion(),
  };
  if (options.signKey !== undefined && options.out === undefined)
    wanted.onWarning('nothing is signed: signatures are given to what is copied, which --out asks for');
  const build = options.prove === true ? proveTargets : buildTargets;
  const {report, artifacts} = await finishing(build(targets, wanted), progress);
  if (options.json === true) output.out(buildJson(report, artifacts));
  else for (const artifact of artifacts) output.out(`${artifact}\n`);
  output.err(buildSummary(report, performance.now() - began, output));
  showFailures(report, context);
  if (options.prove === true && report.stages.every(({state}) => state === 'built'))
    output.err('proved: a second build, from nothing and elsewhere, came to the same bytes\n');
  if (report.stages.some(({state}) => state === 'skipped')) context.exit(EXIT.usage);
};
