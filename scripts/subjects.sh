#!/usr/bin/env bash
# Refuses commits whose subject has more than 72 characters: the commits since the last release or, without a release, the last
# 50. Skips commits in the history of this file's newest version: nobody can change them any more. In a clone with a part of the
# history it looks at that part; outside a repository it has nothing to look at.
set -euo pipefail
cd "$(dirname "$0")/.."

MOST=72
export LC_ALL=C.UTF-8 # characters, not bytes

git rev-parse --verify --quiet HEAD >/dev/null 2>&1 || exit 0
rule=$(git log --format=%H -1 -- scripts/subjects.sh)
release=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)
range=(-50 HEAD)
[[ -z $release ]] || range=(HEAD "^$release")
[[ -z $rule ]] || range+=("^$rule")

long=$(git log --format='%h %s' "${range[@]}" | while read -r commit subject; do
    ((${#subject} <= MOST)) || echo "  $commit has ${#subject}: $subject"
done)
[[ -z $long ]] || { echo "Subjects of commits have at most $MOST characters:" >&2; echo "$long" >&2; exit 1; }
