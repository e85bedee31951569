import {sha256} from './bench.ts';
import type {Reply} from './server.ts';

const json = (value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  headers: {'content-type': 'application/json; charset=utf-8', ...headers},
  body: JSON.stringify(value),
});

/** A commit that a tag of this name points to. */
export const commitOf = (tag: string): string => sha256(tag).slice(0, 40);

/** What GitHub answers when it is asked for tags. */
export const tagsReply = (tags: readonly string[], headers: Readonly<Record<string, string>> = {}): Reply =>
  json(
    tags.map((name) => ({
      name,
      commit: {sha: commitOf(name), url: `https://api.github.com/repos/a/b/commits/${commitOf(name)}`},
      zipball_url: `https://api.github.com/repos/a/b/zipball/refs/tags/${name}`,
      tarball_url: `https://api.github.com/repos/a/b/tarball/refs/tags/${name}`,
      node_id: 'REF_',
    })),
    headers,
  );

export type Asset = {name: string; size: number; digest: string | null; url: string; download: string};

const user = {
  login: 'a',
  id: 1,
  node_id: 'U_',
  avatar_url: 'https://example.org/a.png',
  gravatar_id: '',
  url: 'https://api.github.com/users/a',
  html_url: 'https://github.com/a',
  followers_url: 'https://api.github.com/users/a/followers',
  following_url: 'https://api.github.com/users/a/following{/other_user}',
  gists_url: 'https://api.github.com/users/a/gists{/gist_id}',
  starred_url: 'https://api.github.com/users/a/starred{/owner}{/repo}',
  subscriptions_url: 'https://api.github.com/users/a/subscriptions',
  organizations_url: 'https://api.github.com/users/a/orgs',
  repos_url: 'https://api.github.com/users/a/repos',
  events_url: 'https://api.github.com/users/a/events{/privacy}',
  received_events_url: 'https://api.github.com/users/a/received_events',
  type: 'User',
  site_admin: false,
};

const TIME = '2026-01-01T00:00:00Z';

/** What it answers when it is asked for a tag's release. */
export const releaseReply = (tag: string, assets: readonly Asset[]): Reply =>
  json({
    url: 'https://api.github.com/repos/a/b/releases/1',
    html_url: `https://github.com/a/b/releases/tag/${tag}`,
    assets_url: 'https://api.github.com/repos/a/b/releases/1/assets',
    upload_url: 'https://uploads.github.com/repos/a/b/releases/1/assets{?name,label}',
    tarball_url: `https://api.github.com/repos/a/b/tarball/${tag}`,
    zipball_url: `https://api.github.com/repos/a/b/zipball/${tag}`,
    id: 1,
    node_id: 'RE_',
    tag_name: tag,
    target_commitish: 'main',
    name: tag,
    draft: false,
    prerelease: false,
    created_at: TIME,
    published_at: TIME,
    author: user,
    assets: assets.map(({name, size, digest, url, download}, place) => ({
      url,
      browser_download_url: download,
      id: place + 1,
      node_id: 'RA_',
      name,
      label: null,
      state: 'uploaded',
      content_type: 'application/gzip',
      size,
      digest,
      download_count: 0,
      created_at: TIME,
      updated_at: TIME,
      uploader: user,
    })),
  });
