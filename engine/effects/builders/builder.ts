/** What a stage is run with; all paths are the controller's, and the builder sees to it that the script finds them. */
export type Job = {
  /** For messages and logs. */
  name: string;
  script: string;
  environment: Readonly<Record<string, string>>;
  /** `$IN/NAME` → a folder of the store, or a folder that holds a source's files. Never written to. */
  inputs: Readonly<Record<string, string>>;
  /** `$FILES`: a folder. */
  files: string;
  /** `$OUT`: an empty folder of the controller, where the output is when `run` resolves. */
  out: string;
  /** Where `$WORK` may be made; the caller removes it. */
  scratch: string;
  /** All that the script says, as it comes. */
  log: string;
  signal: AbortSignal;
  onLine?: (line: string) => void;
};

/** Where stages are run: this machine, a chroot with pinned packages, another machine over SSH. */
export type Builder = {
  name: string;
  /** What it is, so far as outputs depend on it; part of every stage's id. Two builders with one identity make the same. */
  identity(): Promise<string>;
  /**
   * What each program says of its version.
   * @throws Fault `missing-tool` that names the program and the package that brings it
   */
  versionsOf(tools: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /**
   * Runs a stage's script. Nothing of it goes on once this has settled, also when it was aborted.
   * @throws Fault `stage-failed` with the status and the last line; the signal's reason where that was aborted
   */
  run(job: Job): Promise<void>;
  /** A shell on our terminal where the script ran, with all that it left; absent where there is none to be had. */
  shell?(job: Job): Promise<void>;
};
