/** How far a file has come, in bytes; without a total where its server does not tell. */
export type SourceProgress = {name: string; bytes: number; total?: number};

/** What resolving and fetching sources needs to know of the run that asks for it. */
export type SourceContext = {
  /** Where the paths of requests start: folders, keys of signatures. */
  folder: string;
  /** Tokens (`GITHUB_TOKEN`, `GH_ENTERPRISE_TOKEN`), `GITHUB_API_URL` and proxies are looked up here. */
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Nothing is asked of a network. */
  offline?: boolean;
  onProgress?: (progress: SourceProgress) => void;
  /** Told what the user may want to know: a wait for a rate limit, tags that were left out. */
  onNote?: (text: string) => void;
  /** Before the second attempt at something that failed, doubled before each further one; a second where absent. */
  retryPauseMs?: number;
};
